/** Samples, their scales, and their order. */
package dev.troupe.pricing.lstm.internal;
