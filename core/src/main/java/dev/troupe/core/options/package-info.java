/**
 * A workload's options: a record and its annotations, the JSON Schema made from it, and values
 * bound to it.
 */
package dev.troupe.core.options;
