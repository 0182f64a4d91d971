/** How market data is read. */
package dev.troupe.pricing.market.internal;
