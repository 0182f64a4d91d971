package dev.troupe.sft.internal.eval;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.troupe.core.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The golden draws are Python's, made by {@code src/test/python/evaluation.py}. */
class PythonRandomTest {

  @Test
  void drawsWhatPythonDraws() throws Exception {
    Path expected = Path.of(getClass().getResource("/evaluation/expected.json").toURI());
    for (JsonNode list : Json.readTree(Files.readString(expected)).get("draws")) {
      PythonRandom random = new PythonRandom(list.get("seed").asLong());
      for (JsonNode draw : list.get("draws")) { // as in 7: [5, 2, 0]
        String[] parts = draw.asText().split(": ", 2);
        int[] sample = Json.read(parts[1], int[].class);
        assertThat(random.sample(Integer.parseInt(parts[0]), sample.length))
            .as("seed %s, %s", list.get("seed"), Arrays.toString(sample))
            .containsExactly(sample);
      }
    }
  }
}
