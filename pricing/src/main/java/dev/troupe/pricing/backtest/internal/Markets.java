package dev.troupe.pricing.backtest.internal;

import dev.troupe.core.BlobRef;
import dev.troupe.core.WorkContext;
import dev.troupe.pricing.market.MarketData;

/** Markets that travel through the store; a worker keeps those that it has read. */
final class Markets {

  private Markets() {}

  static MarketData of(WorkContext context, BlobRef blob) throws Exception {
    return context.cached(
        "market/" + blob.sha256(), () -> MarketData.read(context.store().get(blob)));
  }
}
