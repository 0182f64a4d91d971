package dev.troupe.pricing.calibration.internal;

import dev.troupe.pricing.analytic.internal.Complex;
import dev.troupe.pricing.model.Heston;

/**
 * The log of Heston's moment {@code E[(S_T / F)^s]} and its derivatives by the five parameters, in
 * closed form (Y. Cui, S. del Baño Rollin, G. Germano, "Full and fast calibration of the Heston
 * stochastic volatility model", 2017). With {@code beta = kappa - rho sigma s}, {@code w = s (1 -
 * s)}, {@code d = sqrt(beta^2 + sigma^2 w)}, {@code e = exp(-d T)} and {@code M = d (1 + e) + beta
 * (1 - e)}, the log is {@code D v0 - kappa theta I} with
 *
 * <pre>
 *   D = -w (1 - e) / M          I = ((d - beta) T + 2 ln(M / 2d)) / sigma^2
 * </pre>
 *
 * Both depend on the parameters through {@code beta} and {@code sigma} alone; two partial
 * derivatives of each and the chain rule give all five.
 */
final class HestonGradient {

  private HestonGradient() {}

  /**
   * Writes the value and then the derivatives by v0, kappa, theta, sigma and rho.
   *
   * @param out six places
   */
  static void at(Heston heston, double expiry, Complex s, Complex[] out) {
    double sigma = heston.sigma();
    double kappaTheta = heston.kappa() * heston.theta();
    Complex beta = s.times(-heston.rho() * sigma).plus(heston.kappa());
    Complex w = s.minus(s.squared());
    Complex d = beta.squared().plus(w.times(sigma * sigma)).sqrt();
    Complex decayed = d.times(-expiry).expm1().negative();
    Complex e = Complex.ONE.minus(decayed);
    Complex m = d.times(e.plus(1)).plus(beta.times(decayed));
    Complex byV0 = w.times(decayed).over(m).negative();
    double perSigma2 = 1 / (sigma * sigma);
    Complex integral =
        d.minus(beta)
            .times(expiry)
            .plus(m.over(d.times(2)).plus(-1).log1p().times(2))
            .times(perSigma2);

    Partial byBeta =
        new Partial(beta.over(d), Complex.ONE, beta, d, e, decayed, m, w, byV0, expiry);
    Partial bySigma =
        new Partial(w.times(sigma).over(d), Complex.of(0), beta, d, e, decayed, m, w, byV0, expiry);
    Complex throughBeta =
        byBeta.ofD().times(heston.v0()).minus(byBeta.ofIntegral(perSigma2).times(kappaTheta));
    Complex throughSigma =
        bySigma
            .ofD()
            .times(heston.v0())
            .minus(
                bySigma.ofIntegral(perSigma2).minus(integral.times(2 / sigma)).times(kappaTheta));

    out[0] = byV0.times(heston.v0()).minus(integral.times(kappaTheta));
    out[1] = byV0;
    out[2] = throughBeta.minus(integral.times(heston.theta()));
    out[3] = integral.times(-heston.kappa());
    out[4] = throughBeta.times(s).times(-heston.rho()).plus(throughSigma);
    out[5] = throughBeta.times(s).times(-sigma);
  }

  /** The derivative along one of beta and sigma, given those of {@code d} and {@code beta}. */
  private record Partial(
      Complex ofRoot,
      Complex ofBeta,
      Complex beta,
      Complex d,
      Complex e,
      Complex decayed,
      Complex m,
      Complex w,
      Complex value,
      double expiry) {

    private Complex ofE() {
      return e.times(ofRoot).times(-expiry);
    }

    private Complex ofM() {
      return ofRoot.times(e.plus(1)).plus(d.minus(beta).times(ofE())).plus(ofBeta.times(decayed));
    }

    Complex ofD() {
      return w.times(ofE()).minus(value.times(ofM())).over(m);
    }

    /** Of {@code I}, {@code sigma} in its denominator held still. */
    Complex ofIntegral(double perSigma2) {
      return ofRoot
          .minus(ofBeta)
          .times(expiry)
          .plus(ofM().over(m).minus(ofRoot.over(d)).times(2))
          .times(perSigma2);
    }
  }
}
