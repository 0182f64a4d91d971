package dev.troupe.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.core.Result;
import dev.troupe.core.Workload;
import dev.troupe.core.options.OptionsBinder;
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
    InThisProcess job = new InThisProcess();
    Result result =
        new MonteCarloPi()
            .run(
                job,
                OptionsBinder.bind(
                    "{\"tasks\":4,\"samplesPerTask\":100000}", MonteCarloPi.Options.class));

    assertThat((Double) result.values().get("pi")).isCloseTo(Math.PI, within(0.02));
    assertThat(job.results).hasSize(4).containsKey("sample/3");
  }

  @Test
  void theSweepHalvesItsTrialsUntilOneIsLeft() throws Exception {
    InThisProcess job = new InThisProcess();
    Result result = new Sweep().run(job, OptionsBinder.bind("{}", Sweep.Options.class));

    assertThat(job.results).hasSize(15 + 8 + 4 + 2 + 1);
    assertThat(result.values()).containsEntry("rounds", 5);
    assertThat(((Sweep.Trial) result.values().get("best")).loss()).isLessThan(0.1);
  }
}
