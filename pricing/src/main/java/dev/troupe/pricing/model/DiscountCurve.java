package dev.troupe.pricing.model;

/** What money at a later time costs today. */
public interface DiscountCurve {

  /** The price today of 1 in {@code t} years; 1 at 0. */
  double discount(double t);

  /** The instantaneous forward rate at {@code t}, {@code -d ln(discount) / dt}. */
  double forwardRate(double t);

  /** The continuously compounded zero rate to {@code t}. */
  default double zeroRate(double t) {
    return t == 0 ? forwardRate(0) : -Math.log(discount(t)) / t;
  }
}
