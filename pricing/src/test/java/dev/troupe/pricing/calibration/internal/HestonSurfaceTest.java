package dev.troupe.pricing.calibration.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.pricing.analytic.HestonFormula;
import dev.troupe.pricing.analytic.ImpliedVolatility;
import dev.troupe.pricing.calibration.VolQuote;
import dev.troupe.pricing.model.Heston;
import dev.troupe.pricing.model.Option;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HestonSurfaceTest {

  /** From a week to five years, two deviations to both sides. */
  private static List<VolQuote> quotes(double vol) {
    List<VolQuote> quotes = new ArrayList<>();
    for (double expiry : new double[] {7 / 365.0, 0.1, 0.5, 1, 5}) {
      for (double deviations = -2; deviations <= 2; deviations += 0.5) {
        double strike = 100 * Math.exp(deviations * vol * Math.sqrt(expiry));
        quotes.add(new VolQuote(expiry, strike, 100, vol));
      }
    }
    return quotes;
  }

  @ParameterizedTest
  @CsvSource({
    "0.04, 1.5, 0.04, 0.3, -0.9",
    "0.0175, 1.5768, 0.0398, 0.5751, -0.5711",
    "0.04, 0.5, 0.04, 1, -0.9",
    "0.09, 3, 0.05, 0.02, 0.5"
  })
  void errorsAreThoseOfTheFormula(double v0, double kappa, double theta, double sigma, double rho) {
    Heston heston = new Heston(v0, kappa, theta, sigma, rho);
    List<VolQuote> quotes = quotes(0.2);
    double[] errors = new double[quotes.size()];
    new HestonSurface(quotes).errors(heston, errors, new double[quotes.size()][5]);
    for (int i = 0; i < errors.length; i++) {
      VolQuote quote = quotes.get(i);
      Option.Type type = quote.strike() >= 100 ? Option.Type.CALL : Option.Type.PUT;
      Option option = new Option(type, Option.Exercise.EUROPEAN, quote.strike(), quote.expiry());
      double price = HestonFormula.price(option, 100, 0, 0, heston).price();
      double vol = ImpliedVolatility.of(option, price, 100, 1);
      assertThat(errors[i]).as(quote.toString()).isCloseTo(vol - 0.2, within(1e-8));
    }
  }

  @Property(tries = 100)
  void gradientsAreTheSlopesOfErrors(
      @ForAll @DoubleRange(min = 0.03, max = 0.3) double v0,
      @ForAll @DoubleRange(min = 0.2, max = 8) double kappa,
      @ForAll @DoubleRange(min = 0.03, max = 0.3) double theta,
      @ForAll @DoubleRange(min = 0.1, max = 1.5) double sigma,
      @ForAll @DoubleRange(min = -0.95, max = 0.95) double rho) {
    HestonSurface surface = new HestonSurface(quotes(0.15));
    double[] p = {v0, kappa, theta, sigma, rho};
    double[][] gradients = new double[surface.size()][5];
    surface.errors(heston(p), new double[surface.size()], gradients);
    for (int j = 0; j < 5; j++) {
      double step = 2e-3 * Math.max(0.1, Math.abs(p[j]));
      double[] up = errors(surface, moved(p, j, step));
      double[] down = errors(surface, moved(p, j, -step));
      double[] farUp = errors(surface, moved(p, j, 2 * step));
      double[] farDown = errors(surface, moved(p, j, -2 * step));
      for (int i = 0; i < up.length; i++) {
        double slope = (8 * (up[i] - down[i]) - (farUp[i] - farDown[i])) / (12 * step);
        assertThat(gradients[i][j])
            .as("quote %d by parameter %d", i, j)
            .isCloseTo(slope, within(1e-4 * (0.1 + Math.abs(slope))));
      }
    }
  }

  private static double[] errors(HestonSurface surface, double[] p) {
    double[] errors = new double[surface.size()];
    surface.errors(heston(p), errors, new double[surface.size()][5]);
    return errors;
  }

  private static double[] moved(double[] p, int j, double by) {
    double[] moved = p.clone();
    moved[j] += by;
    return moved;
  }

  private static Heston heston(double[] p) {
    return new Heston(p[0], p[1], p[2], p[3], p[4]);
  }
}
