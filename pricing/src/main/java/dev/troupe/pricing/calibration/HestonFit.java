package dev.troupe.pricing.calibration;

import dev.troupe.pricing.model.Heston;

/**
 * Heston's parameters fitted to a surface.
 *
 * @param heston the best over all starts
 * @param rmse root of the mean squared error of implied volatilities, 0.01 for one point
 * @param evaluations of the surface with its gradient, over all starts
 */
public record HestonFit(Heston heston, double rmse, int evaluations) {}
