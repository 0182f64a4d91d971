package dev.troupe.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.troupe.tensor.FlatMath;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** A trained model: stories260K, from the folder of shared data. */
class StoriesTest {

  /**
   * {@code TROUPE_DATA}, or {@code shared/data} beside a folder above this one; null if neither.
   */
  private static Path data() {
    String set = System.getenv("TROUPE_DATA");
    if (set != null) {
      return Path.of(set);
    }
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      if (Files.isDirectory(at.resolve("shared/data"))) {
        return at.resolve("shared/data");
      }
    }
    return null;
  }

  @Test
  void hasTheLossThatItsAuthorsModelHas() throws Exception {
    Path data = data();
    Assumptions.assumeTrue(
        data != null && Files.exists(data.resolve("stories260K")),
        "no stories260K: set TROUPE_DATA to the folder that holds it");
    Path folder = data.resolve("stories260K");
    JsonNode reference = new ObjectMapper().readTree(folder.resolve("reference.json").toFile());
    int[] tokens = new int[reference.get("token_ids").size()];
    for (int t = 0; t < tokens.length; t++) {
      tokens[t] = reference.get("token_ids").get(t).asInt();
    }
    try (CausalLm model = CausalLm.load(folder)) {
      Batch batch = Batch.of(List.of(Example.of(tokens)), model.config().context());
      assertThat(model.evaluate(batch).mean()).isCloseTo(0.8177, offset(1e-4));
      ByteBuffer gradients = FlatMath.allocate(model.layout().size());
      Loss loss = model.forwardBackward(batch, batch.countedTokens(), gradients, bucket -> {});
      assertThat(loss.mean()).isCloseTo(0.8177, offset(1e-4));
      assertThat(FlatMath.norm(gradients)).isGreaterThan(0);
    }
  }
}
