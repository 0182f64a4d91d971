package dev.troupe.pricing.fd;

import dev.troupe.pricing.fd.internal.Outcome;
import dev.troupe.pricing.fd.internal.Problem;
import dev.troupe.pricing.fd.internal.Refinement;
import dev.troupe.pricing.fd.internal.Sweep;
import dev.troupe.pricing.model.Option;
import dev.troupe.pricing.model.Option.Exercise;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Prices options of one expiry by finite differences.
 *
 * <p>Options share a sweep where that is exact. Without cash dividends prices depend on strike and
 * spot by their ratio alone, so one sweep serves all strikes, and European calls are read from the
 * puts' sweep by parity, which the scheme keeps to the last digits. A cash dividend breaks both,
 * and each strike gets a sweep.
 */
public final class FdPricer {
  private final FdSettings settings;

  public FdPricer(FdSettings settings) {
    this.settings = settings;
  }

  /**
   * Prices the options.
   *
   * @param options of one expiry, at least one
   * @return in the order of the options
   * @throws IllegalArgumentException if expiries differ
   * @throws ToleranceException if the tolerance is not met within the settings' work
   */
  public List<FdResult> price(FdModel model, Market market, List<Option> options) {
    double expiry = expiry(options);
    List<CashDividend> dividends =
        market.dividends().stream().filter(d -> d.time() < expiry && d.amount() > 0).toList();
    Map<Object, List<Integer>> groups = new LinkedHashMap<>();
    for (int n = 0; n < options.size(); n++) {
      groups
          .computeIfAbsent(key(options.get(n), !dividends.isEmpty()), any -> new ArrayList<>())
          .add(n);
    }
    FdResult[] results = new FdResult[options.size()];
    for (List<Integer> group : groups.values()) {
      List<Option> members = group.stream().map(options::get).toList();
      Outcome outcome = sweep(model, market, dividends, members);
      for (int n = 0; n < members.size(); n++) {
        results[group.get(n)] = result(members.get(n), outcome, n);
      }
    }
    return Arrays.asList(results);
  }

  private Outcome sweep(
      FdModel model, Market market, List<CashDividend> dividends, List<Option> options) {
    Option first = options.get(0);
    boolean american = first.exercise() == Exercise.AMERICAN;
    Option.Type type = american || !dividends.isEmpty() ? first.type() : Option.Type.PUT;
    List<CashDividend> scaled =
        dividends.stream()
            .map(d -> new CashDividend(d.time(), d.amount() / first.strike()))
            .toList();
    Problem problem =
        new Problem(model, market.dividendYield(), first.expiry(), type, american, scaled);
    Refinement refinement = new Refinement(settings, new Sweep(problem, market.spot(), options));
    Outcome outcome = refinement.run();
    if (settings.tolerance() > 0 && outcome.largestError() > settings.tolerance()) {
      throw new ToleranceException(settings, outcome);
    }
    return outcome;
  }

  private static FdResult result(Option option, Outcome outcome, int n) {
    return new FdResult(option, outcome.greeks(n), outcome.error(n), outcome.grid());
  }

  /** Options with equal keys share a sweep. */
  private static Object key(Option option, boolean dividends) {
    if (dividends) {
      return option;
    }
    return option.exercise() == Exercise.EUROPEAN ? Exercise.EUROPEAN : option.type();
  }

  private static double expiry(List<Option> options) {
    if (options.isEmpty()) {
      throw new IllegalArgumentException("options: none (expected: at least one)");
    }
    double expiry = options.get(0).expiry();
    for (Option option : options) {
      if (option.expiry() != expiry) {
        throw new IllegalArgumentException(
            "options: expiries "
                + expiry
                + " and "
                + option.expiry()
                + " (expected: one expiry; price each apart)");
      }
    }
    return expiry;
  }
}
