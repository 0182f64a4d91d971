package dev.troupe.pricing.fd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.pricing.model.Heston;
import dev.troupe.pricing.model.Option;
import dev.troupe.pricing.model.Option.Exercise;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** QuantLib's finite-difference engines, by {@code src/test/python/golden_fd.py}. */
class QuantLibTest {

  static Stream<Map<String, String>> cases() throws IOException {
    return rows("/golden/fd.csv");
  }

  static Stream<Map<String, String>> americanPuts() throws IOException {
    return rows("/golden/american.csv");
  }

  private static Stream<Map<String, String>> rows(String resource) throws IOException {
    try (InputStream in = QuantLibTest.class.getResourceAsStream(resource)) {
      List<String> lines = new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
      String[] names = lines.get(0).split(",", -1);
      return lines.stream().skip(1).map(line -> row(names, line.split(",", -1)));
    }
  }

  private static Map<String, String> row(String[] names, String[] values) {
    Map<String, String> row = new HashMap<>();
    for (int i = 0; i < names.length; i++) {
      row.put(names[i], values[i]);
    }
    return row;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agrees(Map<String, String> row) {
    double tolerance = number(row, "tolerance");
    double own = number(row, "sigma") == 0 ? 5e-5 : 5e-4;
    FdResult result =
        Prices.price(FdSettings.DEFAULT.to(own), model(row), market(row), option(row));
    assertThat(result.price()).isCloseTo(number(row, "price"), within(tolerance));
    assertThat(result.greeks().delta()).isCloseTo(number(row, "delta"), within(1e-3));
    assertThat(result.greeks().gamma()).isCloseTo(number(row, "gamma"), within(5e-4));
  }

  /** Ju's table and Bjerksund and Stensland's put, exact, not by their approximations. */
  @ParameterizedTest
  @MethodSource
  void americanPuts(Map<String, String> row) {
    FdResult result =
        Prices.price(
            FdSettings.DEFAULT.to(1e-4),
            Prices.black(number(row, "vol"), number(row, "rate")),
            new Market(number(row, "spot"), 0),
            new Option(
                Option.Type.PUT, Exercise.AMERICAN, number(row, "strike"), number(row, "expiry")));
    assertThat(result.price()).isCloseTo(number(row, "price"), within(1e-4));
  }

  private static FdModel model(Map<String, String> row) {
    double rate = number(row, "rate");
    double speed = number(row, "rate_speed");
    ShortRate shortRate =
        speed == 0
            ? ShortRate.flat(rate)
            : ShortRate.hullWhite(t -> Math.exp(-rate * t), speed, number(row, "rate_vol"));
    Heston heston =
        new Heston(
            number(row, "v0"),
            number(row, "kappa"),
            number(row, "theta"),
            number(row, "sigma"),
            number(row, "rho"));
    return new FdModel(heston, shortRate, number(row, "rho_sr"), 0);
  }

  private static Market market(Map<String, String> row) {
    double cash = number(row, "cash");
    List<CashDividend> dividends =
        cash == 0 ? List.of() : List.of(new CashDividend(number(row, "cash_days") / 365, cash));
    return new Market(100, number(row, "dividend"), dividends);
  }

  private static Option option(Map<String, String> row) {
    return new Option(
        Option.Type.valueOf(row.get("type")),
        Exercise.valueOf(row.get("exercise")),
        number(row, "strike"),
        number(row, "days") / 365);
  }

  private static double number(Map<String, String> row, String name) {
    return Double.parseDouble(row.get(name));
  }
}
