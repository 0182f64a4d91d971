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

  /**
   * What is so near that it makes about the same error on a grid, and easier to know: the same
   * without early exercise, or, of a European price, without the rate's correlations.
   */
  public Problem control() {
    // With a known variance the spot's correlation is part of the formula.
    double rhoSr = model.stochasticVariance() && !american ? 0 : model.rhoSr();
    double rhoVr = american ? model.rhoVr() : 0;
    FdModel near = new FdModel(model.variance(), model.rate(), rhoSr, rhoVr);
    return new Problem(near, dividendYield, expiry, type, false, dividends);
  }
}
