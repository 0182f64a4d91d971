/** How fine-tuning is done: rows to examples, examples to steps, steps to weights. */
package dev.troupe.sft.internal;
