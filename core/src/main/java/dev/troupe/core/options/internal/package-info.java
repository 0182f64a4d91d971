/** Checks of single values. */
package dev.troupe.core.options.internal;
