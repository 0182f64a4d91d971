/** Model parameters from what markets show: implied volatilities, short rates, par yields. */
package dev.troupe.pricing.calibration;
