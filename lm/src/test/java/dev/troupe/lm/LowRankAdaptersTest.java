package dev.troupe.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import com.fasterxml.jackson.databind.JsonNode;
import dev.troupe.tensor.FlatMath;
import dev.troupe.tensor.Layout;
import dev.troupe.tensor.Safetensors;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Against peft; the file is made by {@code src/test/python/lora.py}. */
class LowRankAdaptersTest {

  private static final List<String> TARGETS = List.of("q_proj", "down_proj");

  @Test
  void hasTheGradientsAndMergedWeightsOfPeft() throws Exception {
    JsonNode expected = Golden.expected("grouped");
    Safetensors peft =
        Safetensors.open(Golden.folder("grouped").resolveSibling("lora.safetensors"));
    try (CausalLm model = CausalLm.load(Golden.folder("grouped"), 4000);
        LowRankAdapters adapters = new LowRankAdapters(model, 3, 7, TARGETS, 1)) {
      FloatBuffer values = adapters.values().asFloatBuffer();
      for (Layout.Entry entry : adapters.layout().entries()) {
        values.put(entry.offset(), read(peft, "value." + entry.name(), entry), 0, entry.length());
      }
      adapters.merge();
      for (Layout.Entry entry : model.layout().entries()) {
        if (peft.names().contains("merged." + entry.name())) {
          compare(entry, model.parameters(), read(peft, "merged." + entry.name(), entry));
        }
      }

      Batch batch = Batch.packed(Golden.examples(expected), model.config().context());
      ByteBuffer full = FlatMath.allocate(model.layout().size());
      double divisor = expected.get("divisor").asDouble();
      double loss = model.forwardBackward(batch, divisor, full, bucket -> {}).sum();
      FloatBuffer theirs = FloatBuffer.allocate(1);
      peft.read("loss", theirs);
      assertThat(loss).isCloseTo(theirs.get(0), offset(1e-5 * loss));

      ByteBuffer gradients = FlatMath.allocate(adapters.layout().size());
      adapters.gradients(full, gradients);
      assertThat(adapters.layout().entries()).hasSize(8);
      for (Layout.Entry entry : adapters.layout().entries()) {
        compare(entry, gradients, read(peft, "grad." + entry.name(), entry));
      }
    }
  }

  private static float[] read(Safetensors file, String name, Layout.Entry entry) {
    FloatBuffer target = FloatBuffer.allocate(entry.length());
    file.read(name, target);
    return target.array();
  }

  /** Largest difference within 1e-4 of the largest value. */
  private static void compare(Layout.Entry entry, ByteBuffer flat, float[] theirs) {
    double scale = 0;
    double difference = 0;
    for (int i = 0; i < theirs.length; i++) {
      scale = Math.max(scale, Math.abs(theirs[i]));
      float ours = flat.getFloat((entry.offset() + i) * Float.BYTES);
      difference = Math.max(difference, Math.abs(ours - theirs[i]));
    }
    assertThat(difference).as(entry.name()).isLessThanOrEqualTo(1e-4 * scale);
  }

  @Test
  void beginsAsTheModelItself() throws Exception {
    try (CausalLm model = CausalLm.load(Golden.folder("gpt2"))) {
      String before = model.weightsSha256();
      try (LowRankAdapters adapters = new LowRankAdapters(model, 2, 4, List.of(), 1)) {
        adapters.merge();
        assertThat(model.weightsSha256()).isEqualTo(before);
        assertThat(FlatMath.norm(adapters.values())).isPositive(); // A alone
        assertThat(adapters.layout().entries()).hasSize(16); // 4 matrices in 2 layers
      }
    }
  }

  @Test
  void anUnknownTargetIsRefused() throws Exception {
    try (CausalLm model = CausalLm.load(Golden.folder("grouped"))) {
      assertThatThrownBy(() -> new LowRankAdapters(model, 2, 4, List.of("c_attn"), 1))
          .hasMessage(
              "c_attn (expected: some of q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj)");
      assertThat(LowRankAdapters.modules(model.config())).contains("q_proj").doesNotContain("norm");
    }
  }
}
