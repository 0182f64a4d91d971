/**
 * Option pricing: Black-Scholes, Heston and Heston with stochastic rates, by finite differences and
 * in closed form; calibration; and back-tests of the models over a history of quotes (arXiv
 * 2504.03175).
 */
package dev.troupe.pricing;
