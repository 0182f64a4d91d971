package dev.troupe.lm;

/** What a model computes in. Parameters, and the gradients that come out, are fp32 in any case. */
public enum Precision {
  /** Single precision throughout. */
  FP32,

  /**
   * Mixed precision (Micikevicius et al., "Mixed Precision Training", 2018, section 3.1, with
   * bf16): matrix products and attention take operands rounded to bf16 and add up in fp32; the
   * residual stream, norms and the loss stay fp32. Quicker where the processor multiplies bf16
   * itself (AVX512-BF16, AMX), slower elsewhere.
   */
  BF16
}
