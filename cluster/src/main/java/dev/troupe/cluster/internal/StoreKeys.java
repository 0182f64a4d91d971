package dev.troupe.cluster.internal;

import dev.troupe.cluster.S3Config;
import dev.troupe.cluster.StoreConfig;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the keys of {@code troupe.store}. */
final class StoreKeys {

  private static final Duration LEAST_COLLECT_AFTER = Duration.ofHours(1);
  private static final Duration LEAST_TIMEOUT = Duration.ofSeconds(1);
  private static final String DEFAULT_REGION = "us-east-1";

  /** A bucket's name, and characters of a prefix that mean themselves everywhere. */
  private static final Pattern URL =
      Pattern.compile("s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(/[A-Za-z0-9._/-]*)?");

  private static final Pattern ENDPOINT = Pattern.compile("https?://[^/?#@]+/?");

  private final ConfigKeys keys;
  private final Map<String, String> environment = System.getenv();

  StoreKeys(ConfigKeys keys) {
    this.keys = keys;
  }

  StoreConfig read() {
    Duration collectAfter = keys.duration("store.collect-after");
    if (collectAfter.compareTo(LEAST_COLLECT_AFTER) < 0) {
      keys.problem(
          "store.collect-after", collectAfter.toMillis() + "ms", "at least 1h, for clocks differ");
    }
    return new StoreConfig(
        keys.path("store.directory").orElse(Path.of("troupe-data", "store")),
        s3(),
        keys.bytes("store.cache-bytes", 0),
        collectAfter,
        keys.duration("store.collect-every"));
  }

  private Optional<S3Config> s3() {
    String url = keys.text("store.url");
    if (url.isEmpty()) {
      return Optional.empty();
    }
    Matcher parts = URL.matcher(url);
    if (!parts.matches()) {
      keys.problem("store.url", url, "s3://BUCKET or s3://BUCKET/PREFIX");
      return Optional.empty();
    }
    String prefix = parts.group(2) == null ? "" : parts.group(2).replaceAll("^/+|/+$", "");
    String region = region();
    String endpoint = keys.text("store.s3.endpoint");
    boolean pathStyle = pathStyle(!endpoint.isEmpty() || parts.group(1).contains("."));
    if (endpoint.isEmpty()) {
      endpoint = "https://s3." + region + ".amazonaws.com";
    } else if (!ENDPOINT.matcher(endpoint).matches() || URI.create(endpoint).getHost() == null) {
      keys.problem("store.s3.endpoint", endpoint, "http(s)://HOST[:PORT]");
      return Optional.empty();
    }
    Duration timeout = keys.duration("store.s3.timeout");
    if (timeout.compareTo(LEAST_TIMEOUT) < 0) {
      keys.problem("store.s3.timeout", timeout.toMillis() + "ms", "at least 1s");
    }
    return Optional.of(
        new S3Config(
            parts.group(1),
            prefix.isEmpty() ? "" : prefix + "/",
            URI.create(endpoint.replaceAll("/$", "")),
            region,
            pathStyle,
            keys.file("store.s3.credentials-file"),
            timeout));
  }

  private String region() {
    String region = keys.text("store.s3.region");
    if (!region.isEmpty()) {
      return region;
    }
    String usual = environment.getOrDefault("AWS_DEFAULT_REGION", DEFAULT_REGION);
    return environment.getOrDefault("AWS_REGION", usual);
  }

  private boolean pathStyle(boolean byDefault) {
    return switch (keys.text("store.s3.path-style")) {
      case "auto" -> byDefault;
      case "true", "on", "yes" -> true;
      case "false", "off", "no" -> false;
      default -> {
        keys.problem(
            "store.s3.path-style", keys.text("store.s3.path-style"), "auto, true or false");
        yield byDefault;
      }
    };
  }
}
