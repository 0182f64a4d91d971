package dev.troupe.pricing.backtest.internal;

import dev.troupe.pricing.backtest.BacktestOptions.Model;
import dev.troupe.pricing.model.Heston;
import java.util.List;
import java.util.Map;

/**
 * A parameter that is wrong by a factor: how much a model's error depends on its estimates.
 *
 * @param parameter "" in the base scenario
 */
record Scenario(String name, String parameter, double factor) {

  static final Scenario BASE = new Scenario("base", "", 1);

  private static final List<String> HESTON = List.of("v0", "kappa", "theta", "sigma", "rho");
  private static final Map<Model, List<String>> PARAMETERS =
      Map.of(
          Model.BLACK_SCHOLES,
          List.of("vol"),
          Model.BLACK_SCHOLES_REALISED,
          List.of("vol"),
          Model.HESTON,
          HESTON,
          Model.HESTON_VASICEK,
          List.of("v0", "kappa", "theta", "sigma", "rho", "rate-vol"));

  /**
   * Reads {@code base} or {@code PARAMETER*FACTOR}.
   *
   * @throws IllegalArgumentException if it is neither
   */
  static Scenario parse(String text) {
    if (text.equals(BASE.name())) {
      return BASE;
    }
    String[] parts = text.split("\\*", 2);
    if (parts.length == 2 && PARAMETERS.values().stream().anyMatch(p -> p.contains(parts[0]))) {
      try {
        double factor = Double.parseDouble(parts[1]);
        if (factor >= 0 && factor <= 100) {
          return new Scenario(text, parts[0], factor);
        }
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(expected(text), e);
      }
    }
    throw new IllegalArgumentException(expected(text));
  }

  private static String expected(String text) {
    return "'"
        + text
        + "' (expected: base or PARAMETER*FACTOR, as sigma*1.2, of vol, v0, kappa, theta, sigma,"
        + " rho, rate-vol)";
  }

  /** Whether the scenario changes anything of a model. */
  boolean concerns(Model model) {
    return parameter.isEmpty() || PARAMETERS.getOrDefault(model, List.of()).contains(parameter);
  }

  /** A parameter as it is in this scenario. */
  double of(String wanted, double value) {
    return parameter.equals(wanted) ? value * factor : value;
  }

  /** Heston's parameters as they are in this scenario. */
  Heston of(Heston h) {
    double rho = Math.min(0.999, Math.max(-0.999, of("rho", h.rho())));
    return new Heston(
        of("v0", h.v0()),
        of("kappa", h.kappa()),
        of("theta", h.theta()),
        of("sigma", h.sigma()),
        rho);
  }
}
