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

      URI address = URI.create("http://127.0.0.1:%d/metrics".formatted(metrics.port()));
      HttpRequest request = HttpRequest.newBuilder(address).build();
      List<String> series =
          HttpClient.newHttpClient()
              .send(request, HttpResponse.BodyHandlers.ofString())
              .body()
              .lines()
              .filter(line -> line.startsWith("troupe_progress{"))
              .toList();
      assertThat(series)
          .hasSize(256)
          .contains("troupe_progress{figure=\"loss\",phase=\"train\",workload=\"sft\"} 1.5");
    }
  }
}
