/** What calibrations stand on. */
package dev.troupe.pricing.calibration.internal;
