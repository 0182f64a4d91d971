/**
 * Prices in closed form and by one Fourier integral: Black-Scholes and its implied volatility,
 * Vasicek bonds, Heston, and either model of the spot with a Vasicek short rate.
 */
package dev.troupe.pricing.analytic;
