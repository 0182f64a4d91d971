/**
 * Prices by finite differences in one, two and three dimensions: Black-Scholes, Heston, and Heston
 * with a Vasicek or Hull-White short rate, all correlations, European and American.
 *
 * <p><b>The equation.</b> Instead of the spot {@code S} we take the forward {@code F(t) = S
 * e^(-q(T-t)) / P(t,T,r)} to the expiry, over the strike, {@code y = F/K}, and the value in units
 * of {@code K P(t,T,r)}. Under the forward measure {@code y} is a martingale, so the equation of
 * arXiv 2504.03175 loses its drift in the spot and its discounting. With {@code B(s) = (1 -
 * e^(-as))/a}, time to expiry {@code s} and the short rate {@code r = x + a deterministic part}:
 *
 * <pre>
 * u_s = 1/2 (v + 2 rho_Sr b sqrt(v) + b^2) y^2 u_yy                          b = rateVol B(s)
 *     + 1/2 sigma^2 v u_vv + (kappa (theta - v) - rho_vr sigma b sqrt(v)) u_v
 *     + 1/2 rateVol^2 u_xx - (a x + rateVol b) u_x
 *     + y (sigma (rho v + rho_vr b sqrt(v)) u_yv + rateVol (rho_Sr sqrt(v) + b) u_yx)
 *     + rho_vr sigma rateVol sqrt(v) u_vx,          u(y, 0) = max(+-(y - 1), 0)
 * </pre>
 *
 * <p>What this buys: a European price does not depend on {@code x} at all, so it is exactly a
 * problem in two dimensions even with a stochastic rate; any discount curve fits without touching
 * the equation, for it enters only by {@code P}; no drift in {@code y} means no convection
 * dominance, and an M-matrix in the spot; one solution is read at {@code y = F/K} for every strike.
 * Early exercise and cash dividends bring {@code x} back, by the obstacle {@code +-(y e^(q s) -
 * 1/P(t,T,x))} and by the jump {@code y - D e^(-q s)/(K P(t,T,x))}.
 *
 * <p><b>Layout.</b> {@link dev.troupe.pricing.fd.FdPricer} is the door. Inside: meshes, the
 * coefficients, the spatial operator and its lines, boundaries, ADI schemes, step conditions, and
 * the solver that runs them backwards from expiry.
 */
package dev.troupe.pricing.fd;
