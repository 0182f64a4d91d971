package dev.troupe.pricing.backtest;

import dev.troupe.core.options.Default;
import dev.troupe.core.options.Doc;
import dev.troupe.core.options.Max;
import dev.troupe.core.options.Min;

/** What {@code troupe run demo-pricing} takes. */
public record PricingDemoOptions(
    @Doc("of the market") @Default("7") long seed,
    @Doc("trading days that are quoted") @Default("126") @Min(100) @Max(10_000) int days) {}
