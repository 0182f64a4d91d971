package dev.troupe.pricing.model;

/**
 * A price and its derivatives.
 *
 * @param price in units of the spot
 * @param delta by spot
 * @param gamma by spot, twice
 * @param vega by volatility (Black-Scholes) or by initial variance's root (Heston), for 1.00
 * @param rho by the rate, for 1.00
 * @param theta by calendar time, a year
 */
public record Greeks(
    double price, double delta, double gamma, double vega, double rho, double theta) {}
