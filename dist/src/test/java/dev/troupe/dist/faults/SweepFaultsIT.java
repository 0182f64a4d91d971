package dev.troupe.dist.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.dist.testkit.LocalClusterHarness;
import dev.troupe.lm.CausalLm;
import dev.troupe.lm.LmConfig;
import dev.troupe.lm.Tokenizer;
import dev.troupe.proto.v1.Gang;
import dev.troupe.proto.v1.Job;
import dev.troupe.tensor.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A sweep on real processes loses a worker, the coordinator and the worker of its driver, and comes
 * to the ranking of an undisturbed one: the same winner, the same settings stopped at the same
 * rungs, the same losses to the last bit.
 */
class SweepFaultsIT {

  private static final String ALPHABET = " \n:<>|_?abcdefghijklmnopqrstuvwxyz0123456789";

  @TempDir Path directory;

  @Test
  void killsOfAWorkerTheCoordinatorAndTheDriverChangeNoPlace() throws IOException {
    Map<String, Object> options = options(model(), rows());
    try (LocalClusterHarness cluster = LocalClusterHarness.start(directory, 2)) {
      cluster.submit("undisturbed", "sft-sweep", options);
      Job undisturbed = cluster.awaitSuccess("undisturbed");
      assertThat(LocalClusterHarness.result(undisturbed, "ranking"))
          .contains("trained", "given up after 25 %", "given up after 50 %", "diverged");

      cluster.submit("killed", "sft-sweep", options);
      String victim = running(cluster.await("killed", "a setting trains", this::isRunning));
      cluster.worker(victim).kill();
      cluster.startWorker(victim);
      cluster.await("killed", "the first rung is over", job -> ended(job) >= 4);
      cluster.coordinator().kill();
      cluster.startCoordinator();
      cluster.await("killed", "part of the second rung is over", job -> ended(job) >= 5);
      String driver = cluster.job("killed").getDriverAttempts(0).getWorker();
      cluster.worker(driver).kill();
      cluster.startWorker(driver);
      Job killed = cluster.awaitSuccess("killed");

      for (String figure : List.of("best", "ranking", "spearman", "computeSaved")) {
        assertThat(LocalClusterHarness.result(killed, figure))
            .as(figure)
            .isEqualTo(LocalClusterHarness.result(undisturbed, figure));
      }
      assertThat(killed.getDriverAttemptsCount()).isGreaterThanOrEqualTo(2);
    }
  }

  private boolean isRunning(Job job) {
    return job.getGangsList().stream().anyMatch(gang -> gang.getState().equals("running"));
  }

  private static String running(Job job) {
    return job.getGangsList().stream()
        .filter(gang -> gang.getState().equals("running"))
        .findFirst()
        .map(gang -> gang.getWorkers(0))
        .orElseThrow();
  }

  private static long ended(Job job) {
    return job.getGangsList().stream().map(Gang::getState).filter("succeeded"::equals).count();
  }

  /** Four settings, of which one diverges at once. */
  private static Map<String, Object> options(Path model, Path rows) {
    return Map.of(
        "model",
        model,
        "data",
        rows,
        "evalFraction",
        0.1,
        "samples",
        4800,
        "batches",
        8,
        "microBatches",
        2,
        "learningRates",
        "3e-3,1e-3,1e-4,1e30",
        "clip",
        0,
        "rungs",
        "0.25,0.5",
        "stop",
        "enforce");
  }

  private Path model() throws IOException {
    Engine.start(1);
    Path folder = Files.createDirectories(directory.resolve("model"));
    Tokenizer.writeCharacters(folder, ALPHABET);
    try (Tokenizer tokenizer = Tokenizer.load(folder);
        CausalLm model =
            CausalLm.random(LmConfig.small(tokenizer.vocabSize(), 64, 128, 2, 2, 48), 3)) {
      model.save(folder, null);
    }
    return folder;
  }

  private Path rows() throws IOException {
    List<String> lines =
        IntStream.range(0, 400)
            .mapToObj(i -> "abcdefgh".repeat(3).substring(i % 7, i % 7 + 2 + i * 5 % 11))
            .map(w -> "{\"prompt\": \"say %s:\", \"completion\": \"%s\"}".formatted(w, w))
            .toList();
    return Files.write(directory.resolve("rows.jsonl"), lines);
  }
}
