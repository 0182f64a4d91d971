package dev.troupe.sft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.core.Communicator;
import dev.troupe.core.GenerationEndedException;
import dev.troupe.core.Json;
import dev.troupe.testkit.LocalCluster;
import dev.troupe.testkit.LocalCluster.Killed;
import dev.troupe.testkit.LocalCluster.Loss;
import dev.troupe.testkit.LocalCluster.Sabotage;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run without a checkpoint on disk that loses ranks: packing, bf16, accumulation, ZeRO-1, a
 * moving average and held-out losses all on.
 */
class GangMemoryTest {

  private static final SftWorkload SFT = new SftWorkload();
  private static final int STEPS = 8;
  private static final int NEVER = 1000;

  @TempDir private static Path folder;

  private static Path model;
  private static Path data;
  private static Run undisturbed;

  /** So that no collectives but those of steps are to be counted. */
  private static final Object[] UNWATCHED = {"evalFraction", 0, "evalEvery", 0};

  private static Run withoutWatch;

  /** What a run leaves behind. */
  private record Run(
      Object weights, Object average, List<Double> losses, String heldOut, Set<Long> recalled) {
    Run with(Long... steps) {
      return new Run(weights, average, losses, heldOut, Set.of(steps));
    }
  }

  @BeforeAll
  static void write() throws Exception {
    model = Fixtures.model(folder);
    data = Fixtures.data(folder, 50);
    undisturbed = run(new LocalCluster(1), NEVER);
    withoutWatch = run(new LocalCluster(1), NEVER, UNWATCHED);
    assertThat(undisturbed.losses()).hasSize(STEPS);
    assertThat(undisturbed.heldOut().lines()).hasSize(4);
    assertThat(undisturbed.recalled()).isEmpty();
  }

  private static Run run(LocalCluster cluster, int checkpointEvery, Object... namesAndValues)
      throws Exception {
    Map<String, Object> options = new HashMap<>();
    options.put("batch", 14);
    options.put("microBatches", 7);
    options.put("precision", "bf16");
    options.put("steps", STEPS);
    options.put("learningRate", 3e-3);
    options.put("ema", 0.9);
    options.put("evalFraction", 0.1);
    options.put("evalEvery", 2);
    options.put("checkpointEvery", checkpointEvery);
    for (int i = 0; i < namesAndValues.length; i += 2) {
      options.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    try (cluster) {
      Map<String, Object> result =
          SFT.run(cluster.job(), Fixtures.options(model, data, options)).values();
      return new Run(
          result.get("weightsSha256"),
          Json.write(cluster.artifact("ema/model.safetensors")),
          cluster
              .text("metrics.jsonl")
              .lines()
              .map(line -> Json.readTree(line).get("loss").asDouble())
              .toList(),
          cluster.artifacts().contains("eval.jsonl") ? cluster.text("eval.jsonl") : "",
          cluster.recalled());
    }
  }

  @Test
  void aLostRankCostsNoStepThatAllHaveTaken() throws Exception {
    assertThat(run(new LocalCluster(2, new Loss(5, 1)), NEVER)).isEqualTo(undisturbed.with(5L));
    LocalCluster changing =
        new LocalCluster(3, new Loss(2, 2), new Loss(4, 3), new Loss(5, 4), new Loss(7, 3));
    assertThat(run(changing, NEVER)).isEqualTo(undisturbed.with(2L, 4L, 5L, 7L));
  }

  @Test
  void neighboursThatAreLostTogetherCostWhatTheCheckpointLacks() throws Exception {
    LocalCluster pair = new LocalCluster(4, new Loss(5, 3, 2), new Loss(7, 2));
    assertThat(run(pair, 3)).isEqualTo(undisturbed.with(7L));
    LocalCluster all = new LocalCluster(2, new Loss(5, 2, 2));
    assertThat(run(all, NEVER)).as("from the start").isEqualTo(undisturbed);
  }

  @Test
  void withoutCopiesAShardIsLostWithItsRank() throws Exception {
    LocalCluster one = new LocalCluster(3, new Loss(5, 2), new Loss(7, 3, 0));
    assertThat(run(one, 3, "peerCopy", false))
        .as("all are left at 7")
        .isEqualTo(undisturbed.with(7L));
    LocalCluster whole = new LocalCluster(3, new Loss(5, 2));
    assertThat(run(whole, NEVER, "shardOptimizer", false)).isEqualTo(undisturbed.with(5L));
    LocalCluster adapters = new LocalCluster(3, new Loss(5, 1));
    Run lora = run(adapters, NEVER, "loraRank", 2);
    assertThat(lora).isEqualTo(run(new LocalCluster(1), NEVER, "loraRank", 2).with(5L));
  }

  /** Of three ranks: 2 sums, the norm, the weights, and the barrier at the step's end. */
  private static final int COLLECTIVES = 5;

  private static final int NORM = 3;
  private static final int WEIGHTS = 4;

  /** Where a collective of a step is among all; two lie before the first step. */
  private static int at(int step, int collective) {
    return 2 + (step - 1) * COLLECTIVES + collective;
  }

  @Test
  void aRankMayBeLostAtAnyMomentOfAStep() throws Exception {
    for (int rank = 0; rank < 3; rank++) {
      for (int collective = 1; collective <= COLLECTIVES; collective++) {
        Run run = runOfThree(Map.of(rank, killedBefore(at(5, collective))));
        assertThat(run.weights()).isEqualTo(withoutWatch.weights());
        assertThat(run.recalled())
            .as("rank %d, collective %d", rank, collective)
            .containsExactly(collective <= NORM ? 4L : 5L);
      }
    }
  }

  @Test
  void aStepThatOneRankHasTakenIsTakenByTheOthersFromTheirGradients() throws Exception {
    Run run = runOfThree(Map.of(1, endedBehind(at(5, NORM)), 2, killedBefore(at(5, WEIGHTS))));
    assertThat(run).isEqualTo(withoutWatch.with(5L));
  }

  @Test
  void aStepThatOnlyTheLostRankHasTakenIsTakenAnew() throws Exception {
    Run run =
        runOfThree(
            Map.of(
                0, endedBehind(at(5, NORM)),
                1, endedBehind(at(5, NORM)),
                2, killedBefore(at(5, WEIGHTS))));
    assertThat(run).isEqualTo(withoutWatch.with(4L));
  }

  private static Run runOfThree(Map<Integer, UnaryOperator<Communicator>> sabotage)
      throws Exception {
    Sabotage first =
        c ->
            c.generation() == 1 && sabotage.containsKey(c.rank())
                ? sabotage.get(c.rank()).apply(c)
                : c;
    return run(new LocalCluster(3, first), NEVER, UNWATCHED);
  }

  private static UnaryOperator<Communicator> killedBefore(int collective) {
    return c ->
        new CountedCommunicator(
            c,
            number -> {
              if (number == collective) {
                throw new Killed();
              }
            },
            number -> {});
  }

  /** As if it had heard of another's end before it had its own part. */
  private static UnaryOperator<Communicator> endedBehind(int collective) {
    return c ->
        new CountedCommunicator(
            c,
            number -> {},
            number -> {
              if (number == collective) {
                throw new GenerationEndedException(c.generation(), "a test ends it");
              }
            });
  }
}
