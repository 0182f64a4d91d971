package dev.troupe.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.troupe.dist.testkit.LocalClusterHarness;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What each node tells Prometheus, read by the real one. */
class MetricsIT {

  private final HttpClient http = HttpClient.newHttpClient();

  @TempDir Path directory;

  @Test
  void promtoolFindsNothingToSayAndPrometheusScrapesEveryNode()
      throws IOException, InterruptedException {
    assumeTrue(
        installed("promtool") && installed("prometheus"), "skipped: prometheus is not installed");
    try (LocalClusterHarness cluster = LocalClusterHarness.start(directory, 2)) {
      cluster.submit(
          "tally", "tally", Map.of("tasks", 50, "millis", 1, "file", directory.resolve("tally")));
      cluster.awaitSuccess("tally");

      cluster.submit("training", "demo", Map.of("steps", 20, "workers", 2));
      cluster.awaitSuccess("training");

      for (Map.Entry<String, Integer> node : cluster.metricsPorts().entrySet()) {
        String text = get("http://127.0.0.1:" + node.getValue() + "/metrics");
        assertThat(text).as(node.getKey()).contains("troupe_");
        assertThat(text.lines().filter(line -> line.startsWith("troupe_")))
            .as("%s: no job ids on long-lived series", node.getKey())
            .noneMatch(line -> line.contains("\"tally\"") || line.contains("\"training\""));
        assertThat(promtool(text)).as("promtool check metrics, %s", node.getKey()).isEmpty();
      }
      scrapeWithPrometheus(cluster.metricsPorts());
    }
  }

  private void scrapeWithPrometheus(Map<String, Integer> ports)
      throws IOException, InterruptedException {
    int port = freePort();
    String targets =
        ports.values().stream().map(p -> "'127.0.0.1:" + p + "'").collect(Collectors.joining(","));
    Path config = directory.resolve("prometheus.yml");
    Files.writeString(
        config,
        """
        global: {scrape_interval: 1s}
        scrape_configs:
          - job_name: troupe
            static_configs: [{targets: [%s]}]
        """
            .formatted(targets));
    Process server =
        new ProcessBuilder(
                "prometheus",
                "--config.file=" + config,
                "--storage.tsdb.path=" + directory.resolve("tsdb"),
                "--web.listen-address=127.0.0.1:" + port)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("prometheus.log").toFile())
            .start();
    try {
      awaitValue(port, "sum(up{job=\"troupe\"})", Integer.toString(ports.size()));
      awaitValue(port, "troupe_jobs{state=\"succeeded\"}", "2");
      awaitValue(port, "sum(troupe_task_duration_seconds_count) >= bool 50", "1");
      // data, forward, backward, all-reduce, optimizer, sync; on both workers
      awaitValue(port, "count(troupe_training_phase_seconds_total{workload=\"demo\"} > 0)", "12");
      awaitValue(port, "count(troupe_progress{workload=\"demo\", figure=\"gradNorm\"} > 0)", "1");
    } finally {
      server.destroy();
      server.waitFor();
    }
  }

  private void awaitValue(int port, String query, String expected) {
    String url =
        "http://127.0.0.1:"
            + port
            + "/api/v1/query?query="
            + URLEncoder.encode(query, StandardCharsets.UTF_8);
    Awaitility.await(query + " = " + expected)
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptions()
        .untilAsserted(
            () -> {
              JsonNode result = new ObjectMapper().readTree(get(url)).at("/data/result");
              assertThat(result).as(result.toString()).isNotEmpty();
              assertThat(result.get(0).at("/value/1").asText()).isEqualTo(expected);
            });
  }

  private String promtool(String metrics) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder("promtool", "check", "metrics").redirectErrorStream(true).start();
    process.getOutputStream().write(metrics.getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return said;
  }

  private String get(String url) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(5)).build();
    return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  private static boolean installed(String command) throws IOException, InterruptedException {
    return new ProcessBuilder("sh", "-c", "command -v " + command).start().waitFor() == 0;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
