package dev.troupe.sft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.core.Json;
import dev.troupe.testkit.LocalCluster;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DemoWorkloadTest {

  private static Map<String, Object> run(int ranks, LocalCluster.Loss... losses) throws Exception {
    try (LocalCluster cluster = new LocalCluster(ranks, losses)) {
      DemoOptions options = new DemoOptions(7, ranks, 4, 16, 3e-3, 2);
      Map<String, Object> result = new DemoWorkload().run(cluster.job(), options).values();
      assertThat(cluster.text("report.html")).contains("exact match", "<svg");
      assertThat(Json.readTree(cluster.text("report.json")).get("title").asText())
          .startsWith("Demonstration");
      return result;
    }
  }

  @Test
  void everyClusterGetsTheSameWeights() throws Exception {
    Map<String, Object> alone = run(1);
    assertThat(alone)
        .containsOnlyKeys(
            "lossBefore",
            "lossAfter",
            "exactMatchBefore",
            "exactMatchAfter",
            "perKind",
            "tokensPerSecond",
            "allReduceShare",
            "steps",
            "weightsSha256",
            "report",
            "samples");
    assertThat((Double) alone.get("lossAfter")).isLessThan((Double) alone.get("lossBefore"));
    assertThat((Double) alone.get("exactMatchBefore")).isLessThan(0.1);
    Map<String, Object> interrupted = run(2, new LocalCluster.Loss(3, 3));
    assertThat(interrupted)
        .containsEntry("weightsSha256", alone.get("weightsSha256"))
        .containsEntry("lossAfter", alone.get("lossAfter"));
  }
}
