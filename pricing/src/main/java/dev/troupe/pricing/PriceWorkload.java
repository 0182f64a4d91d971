package dev.troupe.pricing;

import dev.troupe.core.JobContext;
import dev.troupe.core.Result;
import dev.troupe.core.Workload;
import dev.troupe.core.options.Violation;
import dev.troupe.pricing.internal.PriceChain;
import dev.troupe.pricing.internal.PriceCheck;
import dev.troupe.pricing.internal.Priced;
import java.util.List;
import java.util.function.Function;

/**
 * Prices an option, or a chain of strikes of one expiry, with its derivatives: {@code troupe run
 * price --set s0=100 --set strike=90,100,110 --set expiry=1 --set vol=0.2}. With one strike the
 * values of the result are numbers, with several they are lists in the order of {@code strike}.
 */
public final class PriceWorkload implements Workload<PriceOptions> {

  @Override
  public String name() {
    return "price";
  }

  @Override
  public String summary() {
    return "prices options under Black-Scholes, Heston or Heston with a Vasicek rate";
  }

  @Override
  public Class<PriceOptions> optionsType() {
    return PriceOptions.class;
  }

  @Override
  public List<Violation> check(PriceOptions options) {
    return PriceCheck.check(options);
  }

  @Override
  public Result run(JobContext job, PriceOptions options) throws Exception {
    PriceChain.Outcome outcome = job.submit("price", new PriceChain(options)).get();
    List<Priced> priced = outcome.priced();
    return Result.of("strike", each(options.strike(), k -> k))
        .and("price", each(priced, p -> p.greeks().price()))
        .and("delta", each(priced, p -> p.greeks().delta()))
        .and("gamma", each(priced, p -> p.greeks().gamma()))
        .and("vega", each(priced, p -> p.greeks().vega()))
        .and("rho", each(priced, p -> p.greeks().rho()))
        .and("theta", each(priced, p -> p.greeks().theta()))
        .and("errorEstimate", each(priced, Priced::errorEstimate))
        .and("grid", priced.get(0).grid())
        .and("seconds", outcome.seconds());
  }

  private static <T, R> Object each(List<T> items, Function<T, R> value) {
    return items.size() == 1 ? value.apply(items.get(0)) : items.stream().map(value).toList();
  }
}
