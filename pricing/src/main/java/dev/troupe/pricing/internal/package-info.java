/** Not for other modules. */
package dev.troupe.pricing.internal;
