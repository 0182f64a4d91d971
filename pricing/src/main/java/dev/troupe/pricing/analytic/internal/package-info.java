/** What the formulas stand on. */
package dev.troupe.pricing.analytic.internal;
