/**
 * Back-tests: pricing models side by side over a history of quotes, walking forward in time without
 * looking ahead.
 */
package dev.troupe.pricing.backtest;
