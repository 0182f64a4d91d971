package dev.troupe.pricing.internal;

import dev.troupe.core.options.OptionsSchema;
import dev.troupe.core.options.Violation;
import dev.troupe.pricing.PriceOptions;
import dev.troupe.pricing.PriceOptions.Method;
import dev.troupe.pricing.PriceOptions.Model;
import dev.troupe.pricing.fd.FdSettings;
import dev.troupe.pricing.model.Option;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a schema cannot say about a pricing job's options. */
public final class PriceCheck {

  private static final int MOST_STRIKES = 10_000;

  private final PriceOptions options;
  private final List<Violation> violations = new ArrayList<>();

  private PriceCheck(PriceOptions options) {
    this.options = options;
  }

  /** Looks at what the model needs, what it does not take, and what the method can do. */
  public static List<Violation> check(PriceOptions options) {
    PriceCheck check = new PriceCheck(options);
    check.strikes();
    check.parameters();
    if (check.violations.isEmpty()) {
      check.correlations();
    }
    if (check.violations.isEmpty()) {
      check.method();
    }
    return check.violations;
  }

  private void strikes() {
    int count = options.strike().size();
    if (count == 0) {
      refuse("strike", "none (expected: at least one)");
    } else if (count > MOST_STRIKES) {
      refuse("strike", count + " strikes (expected: at most " + MOST_STRIKES + ")");
    }
  }

  private void parameters() {
    Model model = options.model();
    Map<String, Optional<Double>> vol = Map.of("vol", options.vol());
    Map<String, Optional<Double>> variance = new LinkedHashMap<>();
    variance.put("v0", options.v0());
    variance.put("kappa", options.kappa());
    variance.put("theta", options.theta());
    variance.put("sigma", options.sigma());
    variance.put("rho", options.rho());
    Map<String, Optional<Double>> rate = new LinkedHashMap<>();
    rate.put("rateSpeed", options.rateSpeed());
    rate.put("rateMean", options.rateMean());
    rate.put("rateVol", options.rateVol());
    Map<String, Optional<Double>> correlations = new LinkedHashMap<>();
    correlations.put("rhoSr", options.rhoSr());
    correlations.put("rhoVr", options.rhoVr());
    vol.forEach(model == Model.BLACK_SCHOLES ? this::need : this::leaveOut);
    variance.forEach(model == Model.BLACK_SCHOLES ? this::leaveOut : this::need);
    rate.forEach(model == Model.HESTON_VASICEK ? this::need : this::leaveOut);
    if (model != Model.HESTON_VASICEK) {
      correlations.forEach(this::leaveOut);
    }
  }

  private void need(String field, Optional<Double> value) {
    if (value.isEmpty()) {
      refuse(field, "missing (expected: a number, since model is " + text(options.model()) + ")");
    }
  }

  private void leaveOut(String field, Optional<Double> value) {
    value.ifPresent(
        given ->
            refuse(
                field,
                "%s (expected: not given, since model %s has no such parameter)"
                    .formatted(given, text(options.model()))));
  }

  /** The records of the model refuse what is no model, in our form. */
  private void correlations() {
    if (options.model() != Model.HESTON_VASICEK) {
      return;
    }
    try {
      PriceModels.hestonVasicek(options);
    } catch (IllegalArgumentException e) {
      String[] parts = e.getMessage().split(": ", 2);
      refuse(parts[0], parts[1]);
    }
  }

  private void method() {
    if (options.method() == Method.PDE) {
      pde();
    } else {
      analytic();
    }
  }

  private void pde() {
    if (options.exercise() == Option.Exercise.EUROPEAN) {
      without("earlyExercise", options.earlyExercise(), "with exercise european");
    }
    if (options.model() == Model.BLACK_SCHOLES) {
      without("spacing", options.spacing(), "with model black-scholes, which has the spot alone");
    }
    if (options.model() == Model.BLACK_SCHOLES && options.vol().orElseThrow() == 0) {
      refuse("vol", "0.0 (expected: > 0 with method pde; or set method=analytic)");
    }
    boolean grid = options.gridSpot().isPresent() || options.gridSteps().isPresent();
    if (!grid) {
      without("gridVariance", options.gridVariance(), "without gridSpot and gridSteps");
      without("gridRate", options.gridRate(), "without gridSpot and gridSteps");
      return;
    }
    without("tolerance", options.tolerance(), "with a grid, which is taken as it is");
    needGrid("gridSpot", options.gridSpot());
    needGrid("gridSteps", options.gridSteps());
    if (options.model() != Model.BLACK_SCHOLES) {
      needGrid("gridVariance", options.gridVariance());
    }
    if (hasRateAxis()) {
      needGrid("gridRate", options.gridRate());
    }
    work();
  }

  /** The limit that refinement keeps to holds for a given grid too. */
  private void work() {
    double work = options.gridSpot().orElse(1);
    work *= options.gridSteps().orElse(1);
    if (options.model() != Model.BLACK_SCHOLES) {
      work *= options.gridVariance().orElse(1);
    }
    if (hasRateAxis()) {
      work *= options.gridRate().orElse(1);
    }
    double most = FdSettings.DEFAULT.maxWork();
    if (work > most) {
      refuse(
          "gridSpot",
          "%d (expected: a grid of at most %.2g nodes times steps, not %.2g)"
              .formatted(options.gridSpot().orElse(1), most, work));
    }
  }

  /** A European price does not depend on the state of the rate beyond today's bonds. */
  private boolean hasRateAxis() {
    return options.model() == Model.HESTON_VASICEK
        && options.exercise() == Option.Exercise.AMERICAN;
  }

  private void needGrid(String field, Optional<Integer> value) {
    if (value.isEmpty()) {
      refuse(
          field, "missing (expected: the grid's size in each direction of the model, and steps)");
    }
  }

  private void without(String field, Optional<?> value, String reason) {
    value.ifPresent(
        given -> {
          Object shown = given instanceof Enum<?> constant ? text(constant) : given;
          refuse(field, "%s (expected: not given %s)".formatted(shown, reason));
        });
  }

  private void analytic() {
    String reason = "with method analytic, which has no grid";
    without("scheme", options.scheme(), reason);
    without("earlyExercise", options.earlyExercise(), reason);
    without("controlVariate", options.controlVariate(), reason);
    without("spacing", options.spacing(), reason);
    without("tolerance", options.tolerance(), reason);
    without("gridSpot", options.gridSpot(), reason);
    without("gridVariance", options.gridVariance(), reason);
    without("gridRate", options.gridRate(), reason);
    without("gridSteps", options.gridSteps(), reason);
    if (options.exercise() == Option.Exercise.AMERICAN) {
      refuse(
          "exercise",
          "american (expected: european, since method analytic has no formula for an early right;"
              + " set method=pde)");
    }
    if (options.rhoSr().orElse(0.0) != 0 || options.rhoVr().orElse(0.0) != 0) {
      refuse(
          "rhoSr, rhoVr",
          "%s, %s (expected: 0, 0, since method analytic has no formula for a correlated rate; set method=pde)"
              .formatted(options.rhoSr().orElse(0.0), options.rhoVr().orElse(0.0)));
    }
  }

  private static String text(Enum<?> constant) {
    return OptionsSchema.enumText(constant);
  }

  private void refuse(String field, String description) {
    violations.add(new Violation(field, description));
  }
}
