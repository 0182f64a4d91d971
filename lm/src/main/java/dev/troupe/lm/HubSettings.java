package dev.troupe.lm;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How the hub is reached. Read from a process's environment alone, never from a job: the token must
 * not go to an address that somebody else chose.
 *
 * @param endpoint http or https address; paths of the hub's API are put behind it
 * @param tokenFile a file that holds nothing but a token; if empty, the hub is asked without one
 * @param cache folder of downloaded models, shared by all processes of a host
 * @param limits how long to wait and how often to try
 */
public record HubSettings(URI endpoint, Optional<Path> tokenFile, Path cache, Limits limits) {

  /** The public hub. */
  public static final String PUBLIC_ENDPOINT = "https://huggingface.co";

  /** Names another hub. */
  public static final String ENDPOINT = "TROUPE_HUB_ENDPOINT";

  /** Names the file with the token. */
  public static final String TOKEN_FILE = "TROUPE_HUB_TOKEN_FILE";

  /** Names the folder of downloaded models. */
  public static final String CACHE = "TROUPE_HUB_CACHE";

  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  /**
   * @param attempts failures in a row, without a noteworthy piece of a file between them, after
   *     which the last one counts
   * @param firstPause before the second attempt; doubled for each further one
   * @param longestPause the most that is waited between attempts, even if the hub asks for more
   * @param answer until the headers of an answer are here
   * @param silence within which the next 64 KiB of a file must come
   */
  public record Limits(
      int attempts, Duration firstPause, Duration longestPause, Duration answer, Duration silence) {

    /** The same, but the first failure counts. */
    public Limits once() {
      return new Limits(1, firstPause, longestPause, answer, silence);
    }
  }

  /** What is used unless a test says otherwise. */
  public static final Limits DEFAULT_LIMITS =
      new Limits(
          5,
          Duration.ofSeconds(1),
          Duration.ofMinutes(2),
          Duration.ofSeconds(30),
          Duration.ofSeconds(30));

  public HubSettings {
    String scheme = endpoint.getScheme();
    boolean plain = "http".equals(scheme);
    if (!(plain || "https".equals(scheme))
        || endpoint.getHost() == null
        || endpoint.getUserInfo() != null
        || endpoint.getQuery() != null
        || endpoint.getFragment() != null) {
      throw new IllegalArgumentException(
          ENDPOINT + ": " + endpoint + " (expected: an address such as " + PUBLIC_ENDPOINT + ")");
    }
    if (plain && tokenFile.isPresent() && !LOOPBACK.contains(endpoint.getHost())) {
      throw new IllegalArgumentException(
          ENDPOINT + ": " + endpoint + " (expected: https, since a token would be sent in clear)");
    }
    if (endpoint.getPath().endsWith("/")) {
      endpoint = URI.create(endpoint.toString().replaceAll("/+$", ""));
    }
  }

  /**
   * From environment variables; an empty one counts as not set.
   *
   * @throws IllegalArgumentException if one cannot be; the message names it
   */
  public static HubSettings of(Map<String, String> environment) {
    return new HubSettings(
        endpoint(variable(environment, ENDPOINT).orElse(PUBLIC_ENDPOINT)),
        variable(environment, TOKEN_FILE).map(Path::of),
        variable(environment, CACHE).map(Path::of).orElseGet(() -> defaultCache(environment)),
        DEFAULT_LIMITS);
  }

  private static URI endpoint(String text) {
    try {
      return URI.create(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          ENDPOINT + ": " + text + " (expected: an address such as " + PUBLIC_ENDPOINT + ")", e);
    }
  }

  private static Path defaultCache(Map<String, String> environment) {
    return variable(environment, "XDG_CACHE_HOME")
        .map(Path::of)
        .orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache"))
        .resolve("troupe")
        .resolve("hub");
  }

  private static Optional<String> variable(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name)).filter(text -> !text.isBlank());
  }
}
