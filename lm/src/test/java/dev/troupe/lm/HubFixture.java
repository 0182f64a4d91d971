package dev.troupe.lm;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** A hub with one small model, and a cache to fetch it into. */
final class HubFixture implements AutoCloseable {

  static final ModelSource.Hub MAIN = new ModelSource.Hub(FakeHub.REPOSITORY, "main");
  static final ModelSource.Hub PINNED = MAIN.at(FakeHub.COMMIT);

  static final HubSettings.Limits LIMITS =
      new HubSettings.Limits(
          3,
          Duration.ofMillis(10),
          Duration.ofSeconds(2),
          Duration.ofSeconds(20),
          Duration.ofSeconds(20));

  private static final String CONFIG =
      """
      {"model_type": "llama", "vocab_size": 64, "hidden_size": 32, "intermediate_size": 64,
       "num_hidden_layers": 2, "num_attention_heads": 2, "max_position_embeddings": 48}
      """;

  final FakeHub hub = new FakeHub();
  final List<String> log = new ArrayList<>();
  private final Path cache;

  HubFixture(Path folder) throws IOException {
    cache = folder.resolve("cache");
    byte[] weights = new byte[300_000];
    new Random(5).nextBytes(weights);
    put("config.json", CONFIG);
    put("tokenizer.json", "{\"model\": {}}");
    put("tokenizer_config.json", "{}");
    put("chat_template.jinja", "{{ messages }}");
    put("README.md", "not needed");
    put("pytorch_model.bin", "not needed either");
    hub.files.put("model.safetensors", weights);
  }

  void put(String name, String text) {
    hub.files.put(name, text.getBytes(StandardCharsets.UTF_8));
  }

  Path cache() {
    return cache;
  }

  ModelHub client() {
    return client(LIMITS, Optional.empty());
  }

  ModelHub client(HubSettings.Limits limits, Optional<Path> token) {
    return new ModelHub(new HubSettings(hub.endpoint(), token, cache, limits));
  }

  Path fetch(ModelSource source) throws InterruptedException {
    return client().fetch(source, log::add);
  }

  @Override
  public void close() {
    hub.close();
  }
}
