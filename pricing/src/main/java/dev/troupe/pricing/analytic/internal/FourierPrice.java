package dev.troupe.pricing.analytic.internal;

import dev.troupe.pricing.model.Greeks;
import dev.troupe.pricing.model.Option;

/**
 * The price and derivatives of a European option from the moments of the spot, by one integral
 *
 * <pre>
 *   V = (1 / 2 pi i) int E[(S_T / F)^s] F^s K^(1 - s) / (s (s - 1)) ds
 * </pre>
 *
 * which is the undiscounted call if the path passes right of 1, the put if it passes left of 0, and
 * the call less the forward in between (A. Lewis, "A simple option formula", 2001). Derivatives are
 * the same integral with a factor.
 */
public final class FourierPrice {

  private static final double TOLERANCE = 1e-13;
  private static final double NEGLIGIBLE = 1e-17;
  private static final double FIRST_STEP = 0.25;
  private static final int MOST_HALVINGS = 5;
  private static final double FARTHEST = 40;
  private static final double NEVER_MOVES = 1e-300;

  private final Forward forward;
  private final Option option;
  private final HestonExponent exponent;
  private final double logStrike;

  /**
   * The forward and what it depends on.
   *
   * @param spot today
   * @param carried the spot less the dividends up to the expiry, {@code S exp(-q T)}
   * @param dividend yield
   * @param bond the price of 1 at the expiry
   * @param bondByRate the derivative of {@code -ln bond} by the short rate today
   * @param bondByExpiry the derivative of {@code -ln bond} by the expiry, the instantaneous forward
   *     rate
   * @param rateVariance what rates add to the variance of the log of the forward
   * @param rateVarianceByExpiry its derivative by the expiry
   */
  public record Forward(
      double spot,
      double carried,
      double dividend,
      double bond,
      double bondByRate,
      double bondByExpiry,
      double rateVariance,
      double rateVarianceByExpiry) {

    double value() {
      return carried / bond;
    }
  }

  private FourierPrice(Option option, Forward forward, HestonExponent exponent) {
    this.option = option;
    this.forward = forward;
    this.exponent = exponent;
    this.logStrike = Math.log(option.strike() / forward.value());
  }

  /** Price and derivatives. */
  public static Greeks price(Option option, Forward forward, HestonExponent exponent) {
    return new FourierPrice(option, forward, exponent).greeks();
  }

  /**
   * The error of the price: how much the integral changes when it is taken along another path, on
   * which the trapezoidal rule has other nodes, another end, and other roundings; and the rounding
   * of what is added to it.
   */
  public static double error(Option option, Forward forward, HestonExponent exponent) {
    return new FourierPrice(option, forward, exponent).error();
  }

  private double error() {
    double rounding = Math.ulp(Math.max(forward.carried(), option.strike() * forward.bond()));
    double variance = variance();
    if (variance < NEVER_MOVES) {
      return rounding;
    }
    MomentContour contour = contour(variance);
    double price = integrate(contour)[0];
    double other = integrate(contour.narrower())[0];
    return option.strike() * forward.bond() * Math.abs(price - other) + rounding;
  }

  private double variance() {
    return exponent.integratedVariance() + forward.rateVariance();
  }

  private MomentContour contour(double variance) {
    return MomentContour.choose(exponent, logStrike, variance, forward.rateVariance());
  }

  private Greeks greeks() {
    double variance = variance();
    double spot = forward.spot();
    double owed = option.strike() * forward.bond();
    double[] integrals = new double[5];
    double saddle;
    if (variance < NEVER_MOVES) { // the intrinsic value
      saddle = logStrike >= 0 ? 2 : -1;
    } else {
      MomentContour contour = contour(variance);
      saddle = contour.saddle();
      integrals = integrate(contour);
      for (int i = 0; i < integrals.length; i++) {
        integrals[i] *= owed;
      }
    }
    // from what the integral stands for to the option: some of the forward and of the strike
    boolean call = option.type() == Option.Type.CALL;
    double spots = call && saddle < 1 ? 1 : !call && saddle > 1 ? -1 : 0;
    double bonds = call && saddle < 0 ? -1 : !call && saddle > 0 ? 1 : 0;
    return new Greeks(
        integrals[0] + spots * forward.carried() + bonds * owed,
        integrals[1] / spot + spots * forward.carried() / spot,
        integrals[2] / (spot * spot),
        2 * Math.sqrt(exponent.heston().v0()) * integrals[3],
        forward.bondByRate() * (integrals[1] - integrals[0] - bonds * owed),
        -(integrals[4]
            - spots * forward.dividend() * forward.carried()
            - bonds * forward.bondByExpiry() * owed));
  }

  /**
   * The trapezoidal rule along the contour, its step halved until nothing changes: value, times s,
   * times s (s - 1), by v0, by expiry, each in units of the discounted strike.
   */
  private double[] integrate(MomentContour contour) {
    double[] sum = new double[5];
    double end = end(contour, sum);
    double[] last = sum.clone();
    double step = FIRST_STEP;
    for (int halving = 0; halving < MOST_HALVINGS; halving++) {
      for (int i = 0; (i + 0.5) * step < end; i++) {
        add(contour, (i + 0.5) * step, 1, sum);
      }
      step /= 2;
      boolean settled = true;
      for (int i = 0; i < sum.length; i++) {
        double previous = last[i] * 2;
        settled &= Math.abs(sum[i] - previous) <= TOLERANCE * Math.abs(sum[i]) + 1e-300;
        last[i] = sum[i];
      }
      if (settled) {
        break;
      }
    }
    for (int i = 0; i < sum.length; i++) {
      sum[i] *= step / Math.PI;
    }
    return sum;
  }

  /**
   * Adds the points of the first step to {@code sum}, and says where the integrand has died out.
   */
  private double end(MomentContour contour, double[] sum) {
    add(contour, 0, 0.5, sum);
    double largest = 0;
    for (int i = 1; i * FIRST_STEP < FARTHEST; i++) {
      double size = add(contour, i * FIRST_STEP, 1, sum);
      largest = Math.max(largest, size);
      if (size <= NEGLIGIBLE * largest) {
        return i * FIRST_STEP;
      }
    }
    return FARTHEST;
  }

  /** Adds one point's part, and returns the size of the slowest to decay. */
  private double add(MomentContour contour, double t, double weight, double[] sum) {
    Complex s = contour.at(t);
    Complex pair = s.squared().minus(s); // s (s - 1)
    HestonExponent.Terms terms = exponent.at(s);
    Complex value =
        terms
            .value()
            .plus(pair.times(forward.rateVariance() / 2))
            .minus(s.times(logStrike))
            .exp()
            .times(contour.slope(t))
            .times(weight);
    if (Double.isNaN(value.re())) {
      return 0; // exp of minus infinity, times infinity
    }
    Complex price = value.over(pair);
    Complex byExpiry =
        terms
            .byExpiry()
            .plus(pair.times(forward.rateVarianceByExpiry() / 2))
            .plus(s.times(forward.bondByExpiry() - forward.dividend()))
            .plus(-forward.bondByExpiry());
    sum[0] += price.re();
    sum[1] += price.times(s).re();
    sum[2] += value.re();
    sum[3] += price.times(terms.byVariance()).re();
    sum[4] += price.times(byExpiry).re();
    return value.abs();
  }
}
