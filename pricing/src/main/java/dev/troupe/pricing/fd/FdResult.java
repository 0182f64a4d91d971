package dev.troupe.pricing.fd;

import dev.troupe.pricing.model.Greeks;
import dev.troupe.pricing.model.Option;

/**
 * A price from a grid.
 *
 * <p>Where the Greeks come from: delta and gamma from the mesh of the forward; vega is {@code 2
 * sqrt(v0) dV/dv0} from the mesh of the variance; rho is by the short rate now, from the mesh of
 * the rate and the forward, or, when the rate is known, by a parallel shift of the curve; theta
 * from the last three time levels, with spot, variance and short rate held still. Where there is no
 * such mesh (volatility when variance is known; a known rate when prices are not linear in bonds)
 * the derivative is a difference of two more solutions on one mesh, the half one if there are two
 * axes or more.
 *
 * @param option what was priced
 * @param greeks price and derivatives
 * @param errorEstimate of the price, absolute, from coarser grids; an estimate, not a bound
 * @param grid the finest grid used
 */
public record FdResult(Option option, Greeks greeks, double errorEstimate, Grid grid) {

  /** The price alone. */
  public double price() {
    return greeks.price();
  }
}
