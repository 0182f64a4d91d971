package dev.troupe.pricing.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.troupe.core.Json;
import dev.troupe.pricing.analytic.HestonFormula;
import dev.troupe.pricing.analytic.ImpliedVolatility;
import dev.troupe.pricing.model.Heston;
import dev.troupe.pricing.model.Option;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HestonCalibrationTest {

  private static List<VolQuote> surface(Heston heston) {
    List<VolQuote> quotes = new ArrayList<>();
    for (double expiry : new double[] {1 / 12.0, 0.25, 0.5, 1, 2}) {
      double forward = 100 * Math.exp(0.03 * expiry);
      for (double strike = 80; strike <= 120; strike += 5) {
        Option.Type type = strike >= forward ? Option.Type.CALL : Option.Type.PUT;
        Option option = new Option(type, Option.Exercise.EUROPEAN, strike, expiry);
        double price = HestonFormula.price(option, 100, 0.03, 0, heston).price();
        double vol = ImpliedVolatility.of(option, price, forward, 100 / forward);
        quotes.add(new VolQuote(expiry, strike, forward, vol));
      }
    }
    return quotes;
  }

  @ParameterizedTest
  @CsvSource({
    "0.04, 1.5, 0.06, 0.4, -0.7",
    "0.12, 2, 0.09, 0.5, -0.75",
    "0.02, 4, 0.05, 1.1, -0.4",
    "0.09, 0.8, 0.04, 0.3, 0.3"
  })
  void recoversTheParametersOfASurface(
      double v0, double kappa, double theta, double sigma, double rho) {
    HestonFit fit = HestonCalibration.fit(surface(new Heston(v0, kappa, theta, sigma, rho)));
    assertThat(fit.rmse()).isLessThan(1e-7);
    assertThat(fit.heston().v0()).isCloseTo(v0, within(1e-5));
    assertThat(fit.heston().kappa()).isCloseTo(kappa, within(1e-3));
    assertThat(fit.heston().theta()).isCloseTo(theta, within(1e-5));
    assertThat(fit.heston().sigma()).isCloseTo(sigma, within(1e-3));
    assertThat(fit.heston().rho()).isCloseTo(rho, within(1e-3));
  }

  /**
   * DAX options of 5 July 2002: no worse than QuantLib's fit, whose error Sepp published as 177.2.
   */
  @Test
  void dax() throws IOException {
    JsonNode golden;
    try (InputStream in = getClass().getResourceAsStream("/golden/dax.json")) {
      golden = Json.readTree(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
    List<VolQuote> quotes = new ArrayList<>();
    for (JsonNode q : golden.get("quotes")) {
      quotes.add(
          new VolQuote(
              q.get(0).asDouble(), q.get(1).asDouble(), q.get(2).asDouble(), q.get(3).asDouble()));
    }
    HestonFit fit = HestonCalibration.fit(quotes);
    double squaredErrors = Math.pow(100 * fit.rmse(), 2) * quotes.size();
    assertThat(squaredErrors).isCloseTo(177.2, within(1.0));
    JsonNode expected = golden.get("fit");
    assertThat(squaredErrors).isLessThan(expected.get("squaredErrorsInPoints").asDouble() + 0.01);
    assertThat(fit.heston().v0()).isCloseTo(expected.get("v0").asDouble(), within(1e-3));
    assertThat(fit.heston().theta()).isCloseTo(expected.get("theta").asDouble(), within(1e-3));
    assertThat(fit.heston().rho()).isCloseTo(expected.get("rho").asDouble(), within(1e-2));
  }

  @Test
  void theSameQuotesGiveTheSameBits() {
    List<VolQuote> quotes = surface(new Heston(0.05, 2, 0.06, 0.6, -0.5));
    assertThat(HestonCalibration.fit(quotes)).isEqualTo(HestonCalibration.fit(quotes));
  }

  @Test
  void aFlatSurfaceHasNoSmile() {
    List<VolQuote> quotes = new ArrayList<>();
    for (VolQuote q : surface(new Heston(0.04, 1, 0.04, 0.5, 0))) {
      quotes.add(new VolQuote(q.expiry(), q.strike(), q.forward(), 0.2));
    }
    HestonFit fit = HestonCalibration.fit(quotes);
    assertThat(fit.rmse()).isLessThan(1e-4);
    assertThat(fit.heston().v0()).isCloseTo(0.04, within(1e-4));
  }

  @Test
  void refusesTooFewQuotes() {
    List<VolQuote> few = surface(new Heston(0.04, 1, 0.04, 0.5, 0)).subList(0, 4);
    assertThatThrownBy(() -> HestonCalibration.fit(few))
        .hasMessage("quotes: 4 (expected: at least 5, as many as parameters)");
    assertThatThrownBy(() -> new VolQuote(0.5, 100, 100, Double.NaN))
        .hasMessage("vol: NaN (expected: > 0)");
    assertThatThrownBy(() -> new VolQuote(-0.5, 100, 100, 0.2))
        .hasMessage("expiry: -0.5 (expected: > 0)");
  }
}
