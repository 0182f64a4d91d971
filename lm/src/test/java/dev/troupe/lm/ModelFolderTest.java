package dev.troupe.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.tensor.Safetensors;
import dev.troupe.tensor.SafetensorsWriter;
import dev.troupe.tensor.SafetensorsWriter.Tensor;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Hugging Face folders, read and written. */
class ModelFolderTest {

  static final List<String> MODELS = Golden.MODELS;

  @TempDir Path folder;

  private static FloatBuffer read(Safetensors file, String name) {
    long length = file.shape(name).stream().reduce(1L, (a, b) -> a * b);
    FloatBuffer values = FloatBuffer.allocate((int) length);
    file.read(name, values);
    return values.flip();
  }

  @ParameterizedTest
  @FieldSource("MODELS")
  void writesTheTensorsThatTransformersWrote(String name) throws Exception {
    try (CausalLm model = CausalLm.load(Golden.folder(name))) {
      model.save(folder, null);
      assertThat(LmConfig.read(folder)).isEqualTo(model.config());
      assertThat(model.config().parameters())
          .isEqualTo(model.layout().entries().stream().mapToLong(e -> e.length()).sum());
    }
    Safetensors ours = Safetensors.openModel(folder);
    Safetensors theirs = Safetensors.openModel(Golden.folder(name));
    assertThat(ours.names()).containsExactlyInAnyOrderElementsOf(theirs.names());
    for (String tensor : theirs.names()) {
      assertThat(ours.shape(tensor)).isEqualTo(theirs.shape(tensor));
      assertThat(read(ours, tensor)).as(tensor).isEqualTo(read(theirs, tensor));
    }
  }

  @Test
  void writesShardsInBf16() throws Exception {
    try (CausalLm model = CausalLm.load(Golden.folder("gpt2"))) {
      model.save(folder, null);
      model.save(folder, Golden.folder("gpt2"), SafetensorsWriter.Type.BF16, 5000);
      assertThat(folder.toFile().list())
          .contains("model.safetensors.index.json")
          .doesNotContain("model.safetensors") // an older model's, which readers would prefer
          .anyMatch(file -> file.startsWith("model-00002-of-"));
      assertThat(Files.readString(folder.resolve("config.json")))
          .contains("\"torch_dtype\" : \"bfloat16\"");
      try (CausalLm rounded = CausalLm.load(folder)) {
        assertThat(rounded.weightsSha256()).isNotEqualTo(model.weightsSha256());
        rounded.save(folder, null, SafetensorsWriter.Type.F32, Long.MAX_VALUE);
        assertThat(folder.toFile().list())
            .containsExactlyInAnyOrder("model.safetensors", "config.json");
        try (CausalLm again = CausalLm.load(folder)) {
          assertThat(again.weightsSha256()).isEqualTo(rounded.weightsSha256());
        }
      }
    }
  }

  /** As the first GPT-2 checkpoints are: names without a prefix, and masks among the weights. */
  @Test
  void readsACheckpointWithoutPrefix() throws Exception {
    Safetensors original = Safetensors.openModel(Golden.folder("gpt2"));
    List<Tensor> tensors =
        original.names().stream()
            .map(
                name ->
                    new Tensor(
                        name.replace("transformer.", ""),
                        original.shape(name).stream().map(Long::intValue).toList(),
                        read(original, name)))
            .collect(java.util.stream.Collectors.toList());
    tensors.add(new Tensor("h.0.attn.bias", List.of(2), FloatBuffer.allocate(2)));
    SafetensorsWriter.write(
        folder.resolve("model.safetensors"), SafetensorsWriter.Type.F32, Map.of(), tensors);
    Files.copy(Golden.folder("gpt2").resolve("config.json"), folder.resolve("config.json"));
    try (CausalLm bare = CausalLm.load(folder);
        CausalLm model = CausalLm.load(Golden.folder("gpt2"))) {
      assertThat(bare.weightsSha256()).isEqualTo(model.weightsSha256());
    }
  }

  @Test
  void saysWhichTensorIsMissing() throws Exception {
    Files.copy(Golden.folder("llama-biases").resolve("config.json"), folder.resolve("config.json"));
    Files.copy(
        Golden.folder("mistral").resolve("model.safetensors"), folder.resolve("model.safetensors"));
    assertThatThrownBy(() -> CausalLm.load(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tensor model.layers.0.self_attn.q_proj.bias: missing");
  }

  @Test
  void anUntrainedModelHasNoBiases() {
    LmConfig config =
        new LmConfig(30, 8, 12, 2, 2, 2, 4, 16, 1e-5, 0, null, true, Architecture.GPT2);
    try (CausalLm model = CausalLm.random(config, 1)) {
      FloatBuffer weights = model.parameters().asFloatBuffer();
      model.layout().entries().stream()
          .filter(entry -> entry.name().endsWith(".bias"))
          .forEach(
              entry ->
                  assertThat(weights.slice(entry.offset(), entry.length()))
                      .isEqualTo(FloatBuffer.allocate(entry.length())));
    }
  }
}
