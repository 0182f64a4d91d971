/** The grid of a back-test, its tasks, models, scores and report. */
package dev.troupe.pricing.backtest.internal;
