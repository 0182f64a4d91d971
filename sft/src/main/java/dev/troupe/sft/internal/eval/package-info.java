/**
 * Evaluation of models: rows of benchmarks to prompts, answers to scores, by the rules of
 * lm-evaluation-harness.
 */
package dev.troupe.sft.internal.eval;
