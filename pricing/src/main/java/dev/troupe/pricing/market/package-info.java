/**
 * A history of option quotes or of implied-volatility surfaces, and of interest rates: read from
 * files, filtered, or simulated.
 */
package dev.troupe.pricing.market;
