package dev.troupe.lm.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.troupe.lm.Sampling;
import dev.troupe.tensor.Engine;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SamplerTest {

  private static float[] floats(JsonNode array) {
    float[] values = new float[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) array.get(i).asDouble();
    }
    return values;
  }

  @Test
  void hasTheProbabilitiesOfTransformers() throws Exception {
    JsonNode cases =
        new ObjectMapper().readTree(SamplerTest.class.getResource("/golden/sampling.json"));
    assertThat(cases).hasSize(5);
    for (JsonNode one : cases) {
      double temperature = one.get("temperature").asDouble();
      Sampler sampler = new Sampler(new Sampling(temperature, one.get("topP").asDouble(), 0));
      double[] ours = sampler.probabilities(floats(one.get("scores")));
      for (int id = 0; id < ours.length; id++) {
        assertThat(ours[id])
            .as("token %d at temperature %s", id, temperature)
            .isCloseTo(one.get("probabilities").get(id).asDouble(), offset(1e-6));
      }
    }
  }

  @Test
  void drawsTokensAsOftenAsTheirProbabilitySays() {
    Sampler sampler = new Sampler(new Sampling(1, 0.95, 0));
    float[] scores = {0, 1, 2, -5, 1.5f};
    double[] expected = sampler.probabilities(scores);
    int draws = 4000;
    int[] counts = new int[scores.length];
    List<SplittableRandom> randoms = List.of(new SplittableRandom(3));
    try (NDManager manager = Engine.newManager();
        NDArray row = manager.create(scores, new Shape(1, scores.length))) {
      for (int i = 0; i < draws; i++) {
        counts[(int) sampler.next(row, randoms)[0]]++;
      }
    }
    assertThat(counts[3]).isZero();
    for (int id = 0; id < counts.length; id++) {
      double deviation = Math.sqrt(draws * expected[id] * (1 - expected[id]));
      assertThat((double) counts[id]).isCloseTo(draws * expected[id], offset(4 * deviation));
    }
  }

  @Test
  void refusesWhatIsNoProbability() {
    assertThatThrownBy(() -> new Sampling(-1, 1, 0))
        .hasMessage("temperature: -1.0 (expected: >= 0)");
    assertThatThrownBy(() -> new Sampling(Double.NaN, 1, 0)).hasMessageContaining("temperature");
    assertThatThrownBy(() -> new Sampling(1, 0, 0))
        .hasMessage("topP: 0.0 (expected: > 0, at most 1)");
    assertThatThrownBy(() -> new Sampling(1, 1.1, 0)).hasMessageContaining("topP: 1.1");
  }
}
