/** Fine-tuning in phases, each with data of its own. */
package dev.troupe.sft.internal.phases;
