/**
 * Causal language models (Llama, Mistral, Qwen2, GPT-2): Hugging Face checkpoints, tokenizers, chat
 * templates, batches, loss and gradients, evaluation and generation.
 *
 * <p>{@link dev.troupe.lm.CausalLm} is the model, {@link dev.troupe.lm.Tokenizer} turns text to ids
 * and back, {@link dev.troupe.lm.ChatEncoder} makes {@link dev.troupe.lm.Example}s of rows, and
 * {@link dev.troupe.lm.Batch} pads or packs examples.
 */
package dev.troupe.lm;
