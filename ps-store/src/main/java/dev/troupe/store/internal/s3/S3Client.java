package dev.troupe.store.internal.s3;

import dev.troupe.cluster.S3Config;
import dev.troupe.core.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends signed requests to one bucket, again and again while that may help: after lost connections,
 * time-outs, 429 and 5xx, with pauses that double up to 5 s and a random part, until the configured
 * time is over. Every request that is sent here may be sent twice.
 */
final class S3Client {

  private static final Logger log = LoggerFactory.getLogger(S3Client.class);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

  /** A body is given time as if it went at this speed, bytes a millisecond. */
  private static final int SLOWEST = 256;

  private static final int LONGEST_ERROR = 1 << 16;
  private static final Set<Integer> TRANSIENT = Set.of(408, 429, 500, 502, 503, 504);

  private final S3Config config;
  private final Credentials.Source credentials;
  private final HttpClient http;
  private final String host;
  private final String base;

  S3Client(S3Config config, Credentials.Source credentials) {
    this.config = config;
    this.credentials = credentials;
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(waitForAnswer())
            .build();
    URI endpoint = config.endpoint();
    String name =
        config.pathStyle() ? endpoint.getHost() : config.bucket() + "." + endpoint.getHost();
    boolean usualPort =
        endpoint.getPort() < 0
            || endpoint.getPort() == (endpoint.getScheme().equals("https") ? 443 : 80);
    this.host = usualPort ? name : name + ":" + endpoint.getPort();
    this.base = config.pathStyle() ? "/" + config.bucket() : "";
  }

  S3Config config() {
    return config;
  }

  /** How long an answer, or the next bytes of one, may take. */
  Duration waitForAnswer() {
    Duration share = config.timeout().dividedBy(4);
    return share.compareTo(LONGEST_WAIT) < 0 ? share : LONGEST_WAIT;
  }

  /**
   * Sends a request and reads the answer, which is small.
   *
   * @throws S3Exception if the server says no
   * @throws StoreException if it cannot be asked
   */
  Answer send(S3Request request) {
    return retry(
        request,
        response -> {
          try (InputStream in = response.body()) {
            byte[] body = in.readAllBytes();
            if (failedLate(request, body)) {
              throw new IOException(
                  "the server failed: "
                      + Xml.first(body, "Code")
                      + " "
                      + Xml.first(body, "Message"));
            }
            return new Answer(response, body);
          }
        });
  }

  /** As {@link #send}, for an answer that may be large: the caller reads and closes it. */
  InputStream open(S3Request request) {
    return retry(request, HttpResponse::body);
  }

  /** An answer that says yes. */
  static final class Answer {

    private final HttpResponse<InputStream> response;
    private final byte[] body;

    Answer(HttpResponse<InputStream> response, byte[] body) {
      this.response = response;
      this.body = body;
    }

    byte[] body() {
      return body;
    }

    /** A header's value; empty if there is none. */
    String header(String name) {
      return response.headers().firstValue(name).orElse("");
    }
  }

  private interface Reader<T> {
    T read(HttpResponse<InputStream> response) throws IOException;
  }

  private <T> T retry(S3Request request, Reader<T> reader) {
    long began = System.nanoTime();
    long deadline = began + config.timeout().toNanos();
    for (int tried = 1; ; tried++) {
      String problem;
      IOException cause = null;
      try {
        HttpResponse<InputStream> response =
            http.send(sign(request), HttpResponse.BodyHandlers.ofInputStream());
        if (response.statusCode() / 100 == 2) {
          return reader.read(response);
        }
        byte[] error = readError(response);
        if (!isTransient(response.statusCode(), error)) {
          throw Refusals.explain(config, request, response, error);
        }
        problem = "status " + response.statusCode() + " " + Xml.first(error, "Code");
      } catch (IOException e) {
        problem = describe(e);
        cause = e;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new StoreException(describe(request) + ": the thread was interrupted", e);
      }
      long pause = pause(tried).toNanos();
      if (System.nanoTime() + pause > deadline) {
        throw new StoreException(
            "%s: given up after %d tries in %.1f s, the last one with: %s; is %s up and reachable? (troupe.store.s3.timeout: %d s)"
                .formatted(
                    describe(request),
                    tried,
                    (System.nanoTime() - began) / 1e9,
                    problem.strip(),
                    config.endpoint(),
                    config.timeout().toSeconds()),
            cause);
      }
      log.debug("{}: {}; tried again", describe(request), problem);
      sleep(pause, request);
    }
  }

  private static String describe(IOException e) {
    if (e instanceof ConnectException) {
      return "no connection"; // whose message, if there is one, says less
    }
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }

  /** Copies and completed uploads report errors under a status that says all is well. */
  private static boolean failedLate(S3Request request, byte[] body) {
    return !request.method().equals("GET") && !Xml.first(body, "Code").isEmpty();
  }

  private static boolean isTransient(int status, byte[] error) {
    return TRANSIENT.contains(status) || Xml.first(error, "Code").equals("RequestTimeout");
  }

  private static byte[] readError(HttpResponse<InputStream> response) throws IOException {
    try (InputStream in = response.body()) {
      return in.readNBytes(LONGEST_ERROR);
    }
  }

  private static Duration pause(int tried) {
    long doubled = FIRST_PAUSE.toMillis() << Math.min(tried - 1, 10);
    long longest = Math.min(doubled, LONGEST_PAUSE.toMillis());
    return Duration.ofMillis(longest / 2 + ThreadLocalRandom.current().nextLong(longest / 2 + 1));
  }

  private static void sleep(long nanos, S3Request request) {
    try {
      Thread.sleep(Duration.ofNanos(nanos).toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException(request.method() + ": the thread was interrupted", e);
    }
  }

  private HttpRequest sign(S3Request request) {
    String path =
        request.key() == null
            ? base + "/"
            : base + "/" + SignatureV4.encode(config.prefix() + request.key(), "/");
    String query = SignatureV4.query(request.query());
    SortedMap<String, String> headers =
        SignatureV4.sign(
            request.method(),
            host,
            path,
            request.query(),
            request.headers(),
            request.body().sha256(),
            config.region(),
            credentials.get(),
            Instant.now());
    HttpRequest.Builder http =
        HttpRequest.newBuilder(
                URI.create(
                    config.endpoint().getScheme().toLowerCase(Locale.ROOT)
                        + "://"
                        + host
                        + path
                        + (query.isEmpty() ? "" : "?" + query)))
            .timeout(waitForAnswer().plusMillis(request.body().bytes() / SLOWEST))
            .method(request.method(), request.body().publisher());
    headers.forEach(http::header);
    return http.build();
  }

  private String describe(S3Request request) {
    return request.method()
        + " "
        + config.show(request.key() == null ? "" : request.key())
        + " ("
        + config.endpoint()
        + ")";
  }
}
