package dev.troupe.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.core.Result;
import dev.troupe.core.Workload;
import dev.troupe.core.options.OptionsBinder;
import dev.troupe.testkit.LocalCluster;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class ExamplesTest {

  @Test
  void bothAreFound() {
    assertThat(ServiceLoader.load(Workload.class))
        .extracting(w -> w.name())
        .contains("pi", "sweep");
  }

  @Test
  void piIsAboutPi() throws Exception {
    try (LocalCluster cluster = new LocalCluster(2)) {
      Result result =
          new MonteCarloPi()
              .run(
                  cluster.job(),
                  OptionsBinder.bind(
                      "{\"tasks\":4,\"samplesPerTask\":100000}", MonteCarloPi.Options.class));

      assertThat((Double) result.values().get("pi")).isCloseTo(Math.PI, within(0.02));
      assertThat(cluster.tasks()).hasSize(4).contains("sample/3");
    }
  }

  @Test
  void theSweepHalvesItsTrialsUntilOneIsLeft() throws Exception {
    try (LocalCluster cluster = new LocalCluster(2)) {
      Result result = new Sweep().run(cluster.job(), OptionsBinder.bind("{}", Sweep.Options.class));

      assertThat(cluster.tasks()).hasSize(15 + 8 + 4 + 2 + 1);
      assertThat(result.values()).containsEntry("rounds", 5);
      assertThat(((Sweep.Trial) result.values().get("best")).loss()).isLessThan(0.1);
    }
  }
}
