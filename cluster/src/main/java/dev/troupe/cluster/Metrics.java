package dev.troupe.cluster;

import com.sun.net.httpserver.Authenticator;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpPrincipal;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.exporter.httpserver.HTTPServer;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.Set;
import java.util.function.DoubleSupplier;

/**
 * A node's metrics: one registry, the JVM's own figures in it, and the endpoint that Prometheus
 * reads at {@code /metrics}. Names begin with {@code troupe_}, end in their base unit, and in
 * {@code _total} for counters; no label tells one job from another, so the number of series stays
 * bounded.
 */
public final class Metrics implements AutoCloseable {

  /** {@code troupe.metrics-port} that turns the endpoint off. */
  public static final int NO_ENDPOINT = -1;

  private static final Set<String> UNBOUNDED_LABELS =
      Set.of("job", "job_id", "task", "key", "lease");

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final Optional<HTTPServer> server;

  private Metrics(String host, int port, Optional<Authenticator> authenticator) {
    JvmMetrics.builder().register(registry);
    this.server =
        port == NO_ENDPOINT ? Optional.empty() : Optional.of(serve(host, port, authenticator));
  }

  /**
   * Starts a node's metrics. On an address that others can reach, a reader must show the node's
   * bearer token.
   *
   * @throws NodeException if the port is taken
   */
  public static Metrics start(NodeConfig config) {
    return new Metrics(
        config.bindHost(),
        config.metricsPort(),
        config.security().tokenFile().map(file -> new Bearer(config.security())));
  }

  /**
   * Metrics on loopback, for tests and single processes.
   *
   * @param port 0 picks a free one, {@link #NO_ENDPOINT} makes no endpoint
   */
  public static Metrics start(int port) {
    return new Metrics("127.0.0.1", port, Optional.empty());
  }

  /** Where the endpoint listens; {@link #NO_ENDPOINT} if there is none. */
  public int port() {
    return server.map(HTTPServer::getPort).orElse(NO_ENDPOINT);
  }

  public PrometheusRegistry registry() {
    return registry;
  }

  /** A count that only grows. */
  public Counter counter(String name, String help, String... labels) {
    check(name, labels);
    if (!name.endsWith("_total")) {
      throw new IllegalArgumentException(
          "counter: " + name + " (expected: a name that ends in _total)");
    }
    return Counter.builder().name(name).help(help).labelNames(labels).register(registry);
  }

  /** A figure that goes up and down. */
  public Gauge gauge(String name, String help, String... labels) {
    check(name, labels);
    return Gauge.builder().name(name).help(help).labelNames(labels).register(registry);
  }

  /** A figure that is asked for at each scrape. */
  public GaugeWithCallback gauge(String name, String help, DoubleSupplier value) {
    check(name);
    return GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .callback(callback -> callback.call(value.getAsDouble()))
        .register(registry);
  }

  /**
   * A distribution.
   *
   * @param buckets upper bounds in the metric's unit, ascending
   */
  public Histogram histogram(String name, String help, double[] buckets, String... labels) {
    check(name, labels);
    return Histogram.builder()
        .name(name)
        .help(help)
        .classicOnly()
        .classicUpperBounds(buckets)
        .labelNames(labels)
        .register(registry);
  }

  /** Bucket bounds {@code first, first * factor, ...}, {@code count} of them. */
  public static double[] buckets(double first, double factor, int count) {
    double[] bounds = new double[count];
    for (int i = 0; i < count; i++) {
      bounds[i] = first * Math.pow(factor, i);
    }
    return bounds;
  }

  @Override
  public void close() {
    server.ifPresent(HTTPServer::close);
  }

  private HTTPServer serve(String host, int port, Optional<Authenticator> authenticator) {
    try {
      HTTPServer.Builder builder =
          HTTPServer.builder()
              .inetAddress(InetAddress.getByName(host))
              .port(port)
              .registry(registry);
      authenticator.ifPresent(builder::authenticator);
      return builder.buildAndStart();
    } catch (IOException e) {
      throw new NodeException(
          NodeException.EXIT_FAILED,
          "troupe.metrics-port: cannot listen on "
              + host
              + ":"
              + port
              + " ("
              + e.getMessage()
              + "). Another process may have it: stop that one, or set another port, 0 for any, -1 for"
              + " none",
          e);
    }
  }

  private static void check(String name, String... labels) {
    if (!name.matches("troupe_[a-z0-9]+(_[a-z0-9]+)*")) {
      throw new IllegalArgumentException("metric: " + name + " (expected: troupe_lower_case)");
    }
    for (String label : labels) {
      if (UNBOUNDED_LABELS.contains(label)) {
        throw new IllegalArgumentException(
            "metric: " + name + ", label " + label + " (expected: labels with few values)");
      }
    }
  }

  /** Lets those in who show the token, as the gRPC front door does. */
  private static final class Bearer extends Authenticator {

    private final SecurityConfig security;

    Bearer(SecurityConfig security) {
      this.security = security;
    }

    @Override
    public Result authenticate(HttpExchange exchange) {
      String shown = exchange.getRequestHeaders().getFirst("Authorization");
      String expected = "Bearer " + security.token().orElseThrow();
      boolean equal =
          shown != null
              && MessageDigest.isEqual(
                  shown.getBytes(StandardCharsets.UTF_8),
                  expected.getBytes(StandardCharsets.UTF_8));
      return equal ? new Success(new HttpPrincipal("scraper", "troupe")) : new Failure(401);
    }
  }
}
