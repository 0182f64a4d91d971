package dev.troupe.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsTest {

  private static HttpResponse<String> scrape(int port, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void theEndpointShowsOurMetricsAndTheJvms() throws Exception {
    try (Metrics metrics = Metrics.start(0)) {
      metrics
          .counter("troupe_leases_granted_total", "Leases granted.", "kind")
          .labelValues("gang")
          .inc(3);
      metrics.gauge("troupe_slots", "Slots.", "state").labelValues("free").set(2);
      metrics.gauge("troupe_queue_jobs", "Jobs that wait.", () -> 5);
      metrics
          .histogram("troupe_step_seconds", "Time of a step.", Metrics.buckets(0.001, 10, 4))
          .observe(0.05);
      assertThat(scrape(metrics.port()).body())
          .contains("troupe_leases_granted_total{kind=\"gang\"} 3.0")
          .contains("troupe_slots{state=\"free\"} 2.0")
          .contains("troupe_queue_jobs 5.0")
          .contains("troupe_step_seconds_bucket{le=\"0.1\"} 1")
          .contains("jvm_memory_used_bytes");
    }
  }

  @Test
  void namesAndLabelsKeepTheRules() {
    try (Metrics metrics = Metrics.start(Metrics.NO_ENDPOINT)) {
      assertThat(metrics.port()).isEqualTo(Metrics.NO_ENDPOINT);
      assertThatThrownBy(() -> metrics.counter("troupe_tasks", "x")).hasMessageContaining("_total");
      assertThatThrownBy(() -> metrics.gauge("tasks", "x")).hasMessageContaining("troupe_");
      assertThatThrownBy(() -> metrics.gauge("troupe_tasks", "x", "job_id"))
          .hasMessageContaining("job_id");
    }
  }

  @Test
  void aTakenPortIsOneClearError() {
    try (Metrics first = Metrics.start(0)) {
      assertThatThrownBy(() -> Metrics.start(first.port()))
          .isInstanceOf(NodeException.class)
          .hasMessageContaining("troupe.metrics-port: cannot listen on 127.0.0.1:" + first.port());
    }
  }

  @Test
  void whereThereIsATokenReadersMustShowIt(@TempDir Path dir) throws Exception {
    Path token = Files.writeString(dir.resolve("token"), "secret\n");
    NodeConfig config =
        NodeConfig.load(Optional.empty(), Map.of("troupe.security.token-file", token.toString()));
    try (Metrics metrics = Metrics.start(config)) {
      assertThat(scrape(metrics.port()).statusCode()).isEqualTo(401);
      assertThat(scrape(metrics.port(), "Authorization", "Bearer other").statusCode())
          .isEqualTo(401);
      assertThat(scrape(metrics.port(), "Authorization", "Bearer secret").statusCode())
          .isEqualTo(200);
    }
  }
}
