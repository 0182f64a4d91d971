package dev.troupe.sft.internal.eval;

import dev.troupe.core.InputException;
import dev.troupe.core.TaskContext;
import dev.troupe.lm.CausalLm;
import dev.troupe.lm.Tokenizer;
import dev.troupe.tensor.Engine;

/** A model with its tokenizer; one task at a time may use it. */
record LoadedModel(CausalLm model, Tokenizer tokenizer) implements AutoCloseable {

  static LoadedModel load(ModelRef ref, TaskContext context, int threads) throws Exception {
    Engine.start(threads);
    try (ModelFolder folder = ref.folder(context)) {
      Tokenizer tokenizer = Tokenizer.load(folder.path());
      try {
        return new LoadedModel(CausalLm.load(folder.path()), tokenizer);
      } catch (RuntimeException e) {
        tokenizer.close();
        throw e;
      }
    } catch (IllegalArgumentException e) {
      throw new InputException("model: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    model.close();
    tokenizer.close();
  }
}
