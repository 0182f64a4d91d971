package dev.troupe.worker.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.cluster.Metrics;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WorkerMetricsTest {

  @Test
  void progressShowsItsLastFiguresAndIsBounded() throws Exception {
    try (Metrics metrics = Metrics.start(0)) {
      WorkerMetrics worker = new WorkerMetrics(metrics, 1);
      worker.progressed("sft", "train", Map.of("loss", 2.0));
      for (int i = 0; i < 1000; i++) {
        worker.progressed("wild", "train", Map.of("figure" + i, 1.0));
      }
      worker.progressed("sft", "train", Map.of("loss", 1.5));

      assertThat(series(metrics, "troupe_progress{"))
          .hasSize(256)
          .contains("troupe_progress{figure=\"loss\",phase=\"train\",workload=\"sft\"} 1.5");
    }
  }

  @Test
  void timeOfPhasesAddsUpAndIsBounded() throws Exception {
    try (Metrics metrics = Metrics.start(0)) {
      WorkerMetrics worker = new WorkerMetrics(metrics, 1);
      worker.spent("sft", Map.of("forward", 1.5, "backward", 3.0));
      for (int i = 0; i < 1000; i++) {
        worker.spent("wild", Map.of("phase" + i, 1.0));
      }
      worker.spent("sft", Map.of("forward", 0.25, "backward", 0.0));

      assertThat(series(metrics, "troupe_training_phase_seconds_total{"))
          .hasSize(64)
          .contains(
              "troupe_training_phase_seconds_total{phase=\"forward\",workload=\"sft\"} 1.75",
              "troupe_training_phase_seconds_total{phase=\"backward\",workload=\"sft\"} 3.0");
    }
  }

  private static List<String> series(Metrics metrics, String prefix) throws Exception {
    URI address = URI.create("http://127.0.0.1:%d/metrics".formatted(metrics.port()));
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString())
        .body()
        .lines()
        .filter(line -> line.startsWith(prefix))
        .toList();
  }
}
