package dev.troupe.pricing.calibration;

import dev.troupe.pricing.model.Vasicek;

/**
 * Vasicek's parameters fitted to a history of short rates.
 *
 * @param rate under the measure of the history; its {@code r0} is the last observation
 * @param logLikelihood of the history after its first observation
 */
public record VasicekFit(Vasicek rate, double logLikelihood) {}
