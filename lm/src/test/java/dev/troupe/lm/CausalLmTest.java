package dev.troupe.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.tensor.AdamW;
import dev.troupe.tensor.FlatMath;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CausalLmTest {

  private static final LmConfig CONFIG = LmConfig.small(30, 32, 48, 3, 4, 40);

  @TempDir Path folder;

  private static Batch batch(long seed, int rows, int time) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      examples.add(Example.of(random.ints(time - i, 0, CONFIG.vocabSize()).toArray()));
    }
    return Batch.of(examples, CONFIG.context());
  }

  /** Trains for some steps; the weights' hash. */
  private static String train(CausalLm model, int steps) {
    int size = model.layout().size();
    AdamW optimizer = new AdamW(model.layout(), 0, size, new AdamW.Options(0.9, 0.95, 1e-8, 0.1));
    ByteBuffer gradients = FlatMath.allocate(size);
    for (int step = 0; step < steps; step++) {
      Batch batch = batch(step % 4, 3, 20);
      model.forwardBackward(batch, batch.countedTokens(), gradients, bucket -> {});
      double scale = FlatMath.clipScale(FlatMath.norm(gradients), 1);
      optimizer.step(model.parameters(), gradients, 3e-3, scale);
    }
    return model.weightsSha256();
  }

  @Test
  void trainingLowersTheLossAndRepeatsBitForBit() {
    try (CausalLm one = CausalLm.random(CONFIG, 7);
        CausalLm two = CausalLm.random(CONFIG, 7);
        CausalLm other = CausalLm.random(CONFIG, 8)) {
      assertThat(two.weightsSha256()).isEqualTo(one.weightsSha256());
      assertThat(other.weightsSha256()).isNotEqualTo(one.weightsSha256());
      double before = one.evaluate(batch(0, 3, 20)).mean();
      assertThat(before).isBetween(Math.log(30) - 0.2, Math.log(30) + 0.2);
      assertThat(train(one, 30)).isEqualTo(train(two, 30));
      assertThat(one.evaluate(batch(0, 3, 20)).mean()).isLessThan(before - 0.3);
    }
  }

  @Test
  void bucketsDoNotChangeTheResult() {
    try (CausalLm whole = CausalLm.random(CONFIG, 7, 1 << 30);
        CausalLm cut = CausalLm.random(CONFIG, 7, 1)) {
      assertThat(whole.layout().buckets()).hasSize(1);
      assertThat(cut.layout().buckets()).hasSize(CONFIG.layers() + 2);
      assertThat(train(cut, 5)).isEqualTo(train(whole, 5));
    }
  }

  @Test
  void aSavedModelIsTheSame() {
    Tokenizer.writeCharacters(folder.resolve("first"), "abc");
    try (CausalLm model = CausalLm.random(CONFIG, 7)) {
      model.save(folder.resolve("first"), null);
      try (CausalLm loaded = CausalLm.load(folder.resolve("first"))) {
        assertThat(loaded.config()).isEqualTo(CONFIG);
        assertThat(loaded.weightsSha256()).isEqualTo(model.weightsSha256());
        assertThat(loaded.logits(batch(0, 2, 9))).isDeepEqualTo(model.logits(batch(0, 2, 9)));
        loaded.save(folder.resolve("second"), folder.resolve("first"));
      }
    }
    for (String file : List.of("model.safetensors", "config.json", "tokenizer.json")) {
      assertThat(folder.resolve("second").resolve(file))
          .hasSameBinaryContentAs(folder.resolve("first").resolve(file));
    }
  }

  @Test
  void aBatchWithoutCountedTokensHasNoGradient() {
    Example ignored = new Example(new int[] {1, 2, 3}, new boolean[3]);
    try (CausalLm model = CausalLm.random(CONFIG, 7)) {
      ByteBuffer gradients = FlatMath.allocate(model.layout().size());
      Batch batch = Batch.of(List.of(ignored), CONFIG.context());
      Loss loss = model.forwardBackward(batch, 5, gradients, bucket -> {});
      assertThat(loss).isEqualTo(new Loss(0, 0));
      assertThat(FlatMath.norm(gradients)).isZero();
    }
  }

  @Test
  void generationStopsAtTheStopTokenAndAtTheContextsEnd() {
    try (CausalLm model = CausalLm.random(CONFIG, 7)) {
      List<int[]> prompts = List.of(new int[] {1, 2, 3}, new int[38], new int[] {4});
      List<int[]> free = model.generate(prompts, 5, Set.of());
      assertThat(free.get(0)).hasSize(5);
      assertThat(free.get(1)).hasSize(2);
      assertThat(free.get(2)).hasSize(5);
      int first = free.get(0)[0];
      assertThat(model.generate(prompts.subList(0, 1), 5, Set.of(first)).get(0)).isEmpty();
      assertThat(model.generate(List.of(), 5, Set.of())).isEmpty();
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    try (CausalLm model = CausalLm.random(CONFIG, 7)) {
      Example tall = Example.of(new int[] {1, 30});
      assertThatThrownBy(() -> model.evaluate(Batch.of(List.of(tall), 40)))
          .hasMessageStartingWith("token id: 30 (expected: 0 to 29");
      assertThatThrownBy(() -> Batch.of(List.of(Example.of(new int[41])), 40))
          .hasMessageContaining("example 0: 41 tokens (expected: 1 to the model's context of 40");
      assertThatThrownBy(() -> model.evaluate(Batch.of(List.of(Example.of(new int[41])), 50)))
          .hasMessageContaining("batch: a row of 41 tokens");
      assertThatThrownBy(() -> model.generate(List.of(new int[40]), 1, Set.of()))
          .hasMessageContaining("prompt 0: 40 tokens (expected: 1 to 39");
      assertThatThrownBy(
              () -> model.forwardBackward(batch(0, 2, 9), 1, FlatMath.allocate(8), b -> {}))
          .hasMessageContaining("gradients: direct buffer of 32 bytes");
    }
  }

  @Test
  void saysWhatAConfigurationLacks() throws Exception {
    assertThatThrownBy(() -> LmConfig.read(folder)).hasMessageContaining("config.json: no such");
    write("{\"model_type\": \"bloom\"}");
    assertThatThrownBy(() -> LmConfig.read(folder))
        .hasMessageContaining(
            "model_type: \"bloom\" (expected: one of [llama, mistral, qwen2, gpt2])");
    write("{\"model_type\": \"llama\", \"hidden_act\": \"mish\"}");
    assertThatThrownBy(() -> LmConfig.read(folder))
        .hasMessageContaining("hidden_act: \"mish\" (expected: one of [silu, gelu, gelu_new");
    write("{\"model_type\": \"qwen2\", \"use_sliding_window\": true}");
    assertThatThrownBy(() -> LmConfig.read(folder))
        .hasMessageContaining("use_sliding_window: true (expected: false)");
    write(
        "{\"model_type\": \"gpt2\", \"n_embd\": 10, \"n_head\": 3, \"vocab_size\": 9, \"n_layer\": 1}");
    assertThatThrownBy(() -> LmConfig.read(folder))
        .hasMessageContaining("n_head: 3, each of width 3 (expected: a divisor of n_embd, 10)");
    write("{\"model_type\": \"llama\", \"hidden_size\": 8}");
    assertThatThrownBy(() -> LmConfig.read(folder))
        .hasMessageContaining("num_attention_heads: missing (expected: an integer)");
    try (CausalLm model = CausalLm.random(CONFIG, 7)) {
      model.save(folder, null);
    }
    write(
        Files.readString(folder.resolve("config.json"))
            .replace("\"intermediate_size\" : 48", "\"intermediate_size\" : 49"));
    assertThatThrownBy(() -> CausalLm.load(folder))
        .hasMessageContaining("mlp.gate_proj.weight: shape [48, 32] (expected: shape [49, 32]");
  }

  private void write(String json) throws Exception {
    Files.writeString(folder.resolve("config.json"), json);
  }
}
