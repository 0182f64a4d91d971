package dev.troupe.sft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.sft.SftOptions.Decay;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RecipeTest {

  private static SftOptions options(Map<String, Object> given) {
    return Fixtures.options(Path.of("model"), Path.of("rows.jsonl"), given);
  }

  @Test
  void withoutOneTheDefaultsHold() {
    SftOptions options = options(Map.of());
    assertThat(options.batchRows()).isEqualTo(64);
    assertThat(options.peakRate()).isEqualTo(2e-5);
    assertThat(options.decay()).isEqualTo(Decay.CONSTANT);
    assertThat(options.warmupSteps(1000)).isEqualTo(10);
    assertThat(options(Map.of("batch", 16)).peakRate()).isEqualTo(2e-5);
  }

  @Test
  void aRecipeSetsWhatIsNotGiven() {
    SftOptions lab = options(Map.of("recipe", "lab"));
    assertThat(lab.batchRows()).isEqualTo(3840);
    assertThat(lab.peakRate()).isEqualTo(2e-5);
    assertThat(lab.decay()).isEqualTo(Decay.CONSTANT);
    assertThat(lab.warmupSteps(1000)).isZero();
    SftOptions tulu = options(Map.of("recipe", "tulu"));
    assertThat(tulu.batchRows()).isEqualTo(128);
    assertThat(tulu.decay()).isEqualTo(Decay.LINEAR);
    assertThat(tulu.warmupSteps(1000)).isEqualTo(30);
  }

  @Test
  void whatIsGivenGoesBeforeTheRecipe() {
    SftOptions given =
        options(
            Map.of(
                "recipe",
                "tulu",
                "learningRate",
                1e-3,
                "schedule",
                "cosine",
                "warmup",
                7,
                "batch",
                32));
    assertThat(given.batchRows()).isEqualTo(32);
    assertThat(given.peakRate()).isEqualTo(1e-3);
    assertThat(given.decay()).isEqualTo(Decay.COSINE);
    assertThat(given.warmupSteps(1000)).isEqualTo(7);
  }

  @Test
  void aBatchScalesTheRecipesRateBySquareRoot() {
    SftOptions quarter = options(Map.of("recipe", "lab", "batch", 960));
    assertThat(quarter.peakRate()).isCloseTo(1e-5, within(1e-18));
    SftOptions fourfold = options(Map.of("recipe", "tulu", "batch", 512));
    assertThat(fourfold.peakRate()).isCloseTo(4e-5, within(1e-18));
  }
}
