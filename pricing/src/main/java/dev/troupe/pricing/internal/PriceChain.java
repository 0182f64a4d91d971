package dev.troupe.pricing.internal;

import dev.troupe.core.Task;
import dev.troupe.core.TaskContext;
import dev.troupe.pricing.PriceOptions;
import java.util.List;

/** Prices all strikes of a request: one task, since they share their grid. */
public record PriceChain(PriceOptions options) implements Task<PriceChain.Outcome> {

  /**
   * What came out.
   *
   * @param priced in the order of the strikes
   * @param seconds of computing, all strikes together
   */
  public record Outcome(List<Priced> priced, double seconds) {}

  @Override
  public Outcome run(TaskContext context) {
    long start = System.nanoTime();
    List<Priced> priced = Pricer.of(options.method()).price(options);
    return new Outcome(priced, (System.nanoTime() - start) * 1e-9);
  }
}
