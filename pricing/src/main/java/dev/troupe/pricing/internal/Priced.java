package dev.troupe.pricing.internal;

import dev.troupe.pricing.fd.Grid;
import dev.troupe.pricing.model.Greeks;

/**
 * One option's price.
 *
 * @param errorEstimate absolute, of the price
 * @param grid the finest that it was computed on; null without one
 */
public record Priced(Greeks greeks, double errorEstimate, Grid grid) {}
