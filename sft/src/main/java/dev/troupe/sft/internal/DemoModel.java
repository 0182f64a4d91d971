package dev.troupe.sft.internal;

import dev.troupe.core.WorkContext;
import dev.troupe.lm.CausalLm;
import dev.troupe.lm.LmConfig;
import dev.troupe.lm.Tokenizer;
import dev.troupe.tensor.Layout;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;

/** The demonstration's model and tokenizer. */
final class DemoModel {

  static final int CONTEXT = 64;

  private static final int SPECIAL_TOKENS = 4;
  private static final int DIM = 96;
  private static final int HIDDEN_DIM = 256;
  private static final int LAYERS = 8;
  private static final int HEADS = 4;

  /** Sequences are short, so the slowest rotation may be a thousand times faster than usual. */
  private static final double ROPE_THETA = 100;

  /**
   * First weights are this much larger than usual (a deviation of 0.06): 0.02 suits models ten
   * times as wide, and a small model learns several times more slowly from it.
   */
  private static final float SCALE = 3;

  /** Four buckets, so that some go to the all-reduce while others are being computed. */
  private static final int BUCKET_BYTES = 1 << 20;

  private DemoModel() {}

  /** A model with random weights. */
  static CausalLm untrained(long seed) {
    CausalLm model = CausalLm.random(config(), seed, BUCKET_BYTES);
    FloatBuffer weights = model.parameters().asFloatBuffer();
    for (Layout.Entry entry : model.layout().entries()) {
      if (entry.decayed()) { // a matrix
        for (int i = entry.offset(); i < entry.offset() + entry.length(); i++) {
          weights.put(i, weights.get(i) * SCALE);
        }
      }
    }
    return model;
  }

  private static LmConfig config() {
    return new LmConfig(
        SPECIAL_TOKENS + DemoTasks.ALPHABET.length(),
        DIM,
        HIDDEN_DIM,
        LAYERS,
        HEADS,
        HEADS,
        DIM / HEADS,
        CONTEXT,
        1e-5,
        ROPE_THETA,
        null,
        true);
  }

  /** Writes the tokenizer's files, and returns their folder. */
  static Path writeTokenizer(WorkContext context) throws IOException {
    Tokenizer.writeCharacters(context.scratch(), DemoTasks.ALPHABET);
    return context.scratch();
  }
}
