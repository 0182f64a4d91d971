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
    try (InputStream in = QuantLibTest.class.getResourceAsStream("/golden/fd.csv")) {
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
    FdResult result =
        Prices.price(
            FdSettings.DEFAULT.to(Math.min(tolerance, 1e-3)), model(row), market(row), option(row));
    assertThat(result.price()).isCloseTo(number(row, "price"), within(2 * tolerance));
    assertThat(result.greeks().delta()).isCloseTo(number(row, "delta"), within(5e-3));
    assertThat(result.greeks().gamma()).isCloseTo(number(row, "gamma"), within(2e-3));
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
