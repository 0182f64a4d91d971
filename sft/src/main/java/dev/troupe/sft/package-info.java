/**
 * Supervised fine-tuning of causal language models, data-parallel over a gang (settings after
 * Pareja et al., "Unveiling the Secret Recipe: A Guide For Supervised Fine-Tuning Small LLMs",
 * arXiv 2412.13337), and the demonstration that {@code troupe demo} runs.
 */
package dev.troupe.sft;
