/**
 * Causal language models of the Llama architecture: Hugging Face checkpoints, tokenizers, chat
 * templates, batches, loss and gradients, evaluation and generation.
 *
 * <p>{@link dev.troupe.lm.CausalLm} is the model, {@link dev.troupe.lm.Tokenizer} turns text to ids
 * and back, {@link dev.troupe.lm.ChatEncoder} makes {@link dev.troupe.lm.Example}s of rows, and
 * {@link dev.troupe.lm.Batch} pads examples to one rectangle.
 */
package dev.troupe.lm;
