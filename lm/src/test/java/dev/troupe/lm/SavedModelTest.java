package dev.troupe.lm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.tensor.Safetensors;
import dev.troupe.tensor.SafetensorsWriter;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What we write, transformers loads, with the same logits. Needs {@code TROUPE_PYTHON}, a Python
 * with torch and transformers; the last test needs {@code TROUPE_SMOLLM2} too, a folder with
 * SmolLM2-135M-Instruct.
 */
class SavedModelTest {

  @TempDir Path folder;

  private static String python() {
    String python = System.getenv("TROUPE_PYTHON");
    Assumptions.assumeTrue(
        python != null, "TROUPE_PYTHON is not set (a Python with torch and transformers)");
    return python;
  }

  @Test
  void transformersLoadsAModelMadeFromNothing() throws Exception {
    String python = python();
    Tokenizer.writeCharacters(folder, "\n abcdefghijklmnopqrstuvwxyz0123456789+=");
    int vocab = Tokenizer.load(folder).vocabSize();
    LmConfig config = new LmConfig(vocab, 32, 48, 3, 4, 2, 8, 64, 1e-5, 10_000, null, true);
    try (CausalLm model = CausalLm.random(config, 3)) {
      model.save(folder, null);
      agrees(python, model, folder);
    }
  }

  /** Each family, in bf16 and in shards. */
  @ParameterizedTest
  @EnumSource
  void transformersLoadsEachFamily(Architecture.Family family) throws Exception {
    String python = python();
    boolean gpt2 = family == Architecture.Family.GPT2;
    Architecture architecture =
        switch (family) {
          case LLAMA -> new Architecture(family, Architecture.Activation.RELU, true, true, 0);
          case MISTRAL -> Architecture.mistral(7);
          case QWEN2 -> Architecture.QWEN2;
          case GPT2 -> Architecture.GPT2;
        };
    LmConfig config =
        new LmConfig(
            37, 32, 48, 3, 4, gpt2 ? 4 : 2, 8, 64, 1e-5, gpt2 ? 0 : 1e5, null, gpt2, architecture);
    try (CausalLm model = CausalLm.random(config, 3)) {
      model.save(folder, null, SafetensorsWriter.Type.BF16, 8000);
    }
    assertThat(folder.resolve("model.safetensors.index.json")).exists();
    try (CausalLm rounded = CausalLm.load(folder)) {
      int[] ids = java.util.stream.IntStream.range(0, 30).map(i -> i * 7 % 37).toArray();
      sameLogits(rounded, ids, ask(python, folder, ids));
    }
  }

  @Test
  void transformersLoadsASavedSmolLm2() throws Exception {
    String python = python();
    String original = System.getenv("TROUPE_SMOLLM2");
    Assumptions.assumeTrue(original != null, "TROUPE_SMOLLM2 is not set (its folder)");
    try (CausalLm model = CausalLm.load(Path.of(original))) {
      model.save(folder, Path.of(original));
      agrees(python, model, folder);
    }
  }

  private static void agrees(String python, CausalLm model, Path saved) throws Exception {
    try (Tokenizer tokenizer = Tokenizer.load(saved)) {
      int[] ids = tokenizer.encode("the quick brown fox jumps over the lazy dog and sleeps");
      Safetensors expected = ask(python, saved, ids);
      sameLogits(model, ids, expected);
      assertThat(tokenizer.encode("user\nwhat is 3+4")).isEqualTo(ints(read(expected, "encoded")));
      List<Message> question = List.of(new Message("user", "what is 3+4"));
      assertThat(new ChatEncoder(tokenizer).conversationPrompt(question))
          .isEqualTo(ints(read(expected, "prompt")));
    }
  }

  private static void sameLogits(CausalLm model, int[] ids, Safetensors expected) {
    float[] theirs = read(expected, "logits");
    float[] ours = model.logits(Batch.of(List.of(Example.of(ids)), model.config().context()))[0];
    double scale = 0;
    double difference = 0;
    for (int i = 0; i < theirs.length; i++) {
      scale = Math.max(scale, Math.abs(theirs[i]));
      difference = Math.max(difference, Math.abs(ours[i] - theirs[i]));
    }
    assertThat(difference).isLessThanOrEqualTo(1e-4 * scale);
  }

  /** What transformers makes of the folder and of these ids. */
  private static Safetensors ask(String python, Path model, int[] ids)
      throws IOException, InterruptedException {
    Path out = model.resolve("expected.safetensors");
    String list = Arrays.stream(ids).mapToObj(Integer::toString).collect(Collectors.joining(","));
    Path script = Path.of("src/test/python/logits.py").toAbsolutePath();
    Path log = model.resolve("python.log");
    Process process =
        new ProcessBuilder(python, script.toString(), model.toString(), list, out.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    boolean ended = process.waitFor(5, TimeUnit.MINUTES);
    process.destroyForcibly();
    assertThat(ended && process.exitValue() == 0).as(Files.readString(log)).isTrue();
    return Safetensors.open(out);
  }

  private static float[] read(Safetensors file, String name) {
    long length = file.shape(name).stream().reduce(1L, (a, b) -> a * b);
    FloatBuffer target = FloatBuffer.allocate((int) length);
    file.read(name, target);
    return target.array();
  }

  private static int[] ints(float[] values) {
    int[] result = new int[values.length];
    Arrays.setAll(result, i -> (int) values[i]);
    return result;
  }
}
