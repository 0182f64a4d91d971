package dev.troupe.pricing.fd.internal;

import dev.troupe.pricing.fd.FdModel;
import dev.troupe.pricing.model.Heston;

/**
 * Coefficients of the equation (package {@code fd}) at one time to expiry, by node of the variance
 * and of the rate. With a known rate and random variance they never change.
 */
final class Coefficients {
  private final FdModel model;
  private final double expiry;
  private final Mesh variance;
  private final Mesh rate;

  /** Of {@code 1/2 y^2 u_yy}. */
  final double[] spot;

  /** Of {@code y u_yv}, {@code y u_yx} and {@code u_vx}. */
  final double[] spotVariance;

  final double[] spotRate;
  final double[] varianceRate;

  /** Of {@code u_v} and {@code u_vv}. */
  final double[] varianceDrift;

  final double[] varianceDiffusion;

  /** Of {@code u_x}, by node of the rate, and {@code u_xx}. */
  final double[] rateDrift;

  double rateDiffusion;

  Coefficients(FdModel model, double expiry, Mesh variance, Mesh rate) {
    this.model = model;
    this.expiry = expiry;
    this.variance = variance;
    this.rate = rate;
    spot = new double[variance.size()];
    spotVariance = new double[variance.size()];
    spotRate = new double[variance.size()];
    varianceRate = new double[variance.size()];
    varianceDrift = new double[variance.size()];
    varianceDiffusion = new double[variance.size()];
    rateDrift = new double[rate.size()];
    at(0);
  }

  /** Whether {@link #at} changes anything. */
  boolean changing() {
    Heston heston = model.variance();
    return model.rate().stochastic()
        || (!model.stochasticVariance() && heston.v0() != heston.theta());
  }

  /** Takes the values at so many years to expiry. */
  void at(double toExpiry) {
    Heston heston = model.variance();
    double rateVol = model.rate().vol();
    double bondVol = model.rate().stochastic() ? rateVol * model.rate().duration(toExpiry) : 0;
    for (int j = 0; j < variance.size(); j++) {
      double v = model.stochasticVariance() ? variance.node(j) : knownVariance(expiry - toExpiry);
      double root = Math.sqrt(v);
      spot[j] = v + 2 * model.rhoSr() * bondVol * root + bondVol * bondVol;
      spotVariance[j] = heston.sigma() * (heston.rho() * v + model.rhoVr() * bondVol * root);
      spotRate[j] = rateVol * (model.rhoSr() * root + bondVol);
      varianceRate[j] = model.rhoVr() * heston.sigma() * rateVol * root;
      varianceDrift[j] =
          heston.kappa() * (heston.theta() - v) - model.rhoVr() * heston.sigma() * bondVol * root;
      varianceDiffusion[j] = heston.sigma() * heston.sigma() * v / 2;
    }
    for (int k = 0; k < rate.size(); k++) {
      rateDrift[k] = -model.rate().speed() * rate.node(k) - rateVol * bondVol;
    }
    rateDiffusion = rateVol * rateVol / 2;
  }

  private double knownVariance(double years) {
    Heston heston = model.variance();
    return heston.theta() + (heston.v0() - heston.theta()) * Math.exp(-heston.kappa() * years);
  }
}
