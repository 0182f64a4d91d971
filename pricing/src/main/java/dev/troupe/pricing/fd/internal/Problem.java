package dev.troupe.pricing.fd.internal;

import dev.troupe.pricing.fd.CashDividend;
import dev.troupe.pricing.fd.FdModel;
import dev.troupe.pricing.model.Option;
import java.util.List;

/**
 * One backward sweep, in units of the strike.
 *
 * @param dividendYield continuous
 * @param expiry years
 * @param american whether exercise is possible before expiry
 * @param dividends before expiry, in order, amounts over strike
 */
public record Problem(
    FdModel model,
    double dividendYield,
    double expiry,
    Option.Type type,
    boolean american,
    List<CashDividend> dividends) {

  /** Whether prices depend on the state of the short rate. */
  public boolean needsRate() {
    return model.rate().stochastic() && (american || !dividends.isEmpty());
  }

  /** The same without early exercise. */
  public Problem european() {
    return new Problem(model, dividendYield, expiry, type, false, dividends);
  }
}
