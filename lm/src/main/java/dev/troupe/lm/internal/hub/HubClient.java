package dev.troupe.lm.internal.hub;

import dev.troupe.lm.HubException;
import dev.troupe.lm.HubSettings;
import dev.troupe.lm.ModelSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Flow;

/**
 * The hub's HTTP API, as far as models need it. Redirects are followed here, not by the HTTP
 * client, since the token must stay with the hub and the first answer says what a file's hash is.
 */
final class HubClient {

  private static final int MOST_REDIRECTS = 10;
  private static final int LONGEST_LISTING = 16 << 20;
  private static final String HEAD = "HEAD";
  private static final int OK = 200;
  private static final int PARTIAL = 206;
  private static final int RANGE_REFUSED = 416;

  private final HubSettings settings;
  private final Optional<String> token;
  private final HttpClient http;

  HubClient(HubSettings settings) {
    this.settings = settings;
    this.token = Token.read(settings);
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(settings.limits().answer())
            .build();
  }

  /**
   * An answer with content.
   *
   * @param hops headers of all answers of the hub itself on the way, the first one first
   * @param partial whether it begins where it was asked to, not at the file's start
   * @param length of the body; -1 if unknown
   */
  record Reply(
      ModelSource.Hub source, List<HttpHeaders> hops, boolean partial, long length, PulledBody body)
      implements AutoCloseable {

    /** Waits for the next bytes; empty at the end. */
    Optional<byte[]> next() throws TryAgainException, InterruptedException {
      try {
        return body.next();
      } catch (IOException e) {
        throw new TryAgainException(source + ": " + e.getMessage(), e);
      }
    }

    @Override
    public void close() {
      body.close();
    }
  }

  /** What a revision holds, and which commit it is. */
  Listing list(ModelSource.Hub source) throws TryAgainException, InterruptedException {
    String path =
        "/api/models/%s/revision/%s?blobs=true"
            .formatted(source.repository(), encode(source.revision()));
    try (Reply reply = exchange("GET", source, path, 0)) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      for (Optional<byte[]> piece = reply.next(); piece.isPresent(); piece = reply.next()) {
        bytes.writeBytes(piece.get());
        if (bytes.size() > LONGEST_LISTING) {
          throw new HubException(source + ": the hub's listing is longer than 16 MiB");
        }
      }
      return Listing.parse(source, bytes.toByteArray());
    }
  }

  /** What the hub's headers say of a file that its listing said too little of. */
  HubFile describe(ModelSource.Hub source, String name)
      throws TryAgainException, InterruptedException {
    try (Reply reply = exchange(HEAD, source, resolve(source, name), 0)) {
      for (HttpHeaders hop : reply.hops) {
        Optional<FileHash> hash =
            hop.firstValue("X-Linked-Etag")
                .or(() -> hop.firstValue("ETag"))
                .flatMap(FileHash::ofEtag);
        long size = hop.firstValueAsLong("X-Linked-Size").orElse(reply.length);
        if (hash.isPresent() && size >= 0) {
          return new HubFile(name, size, hash.get());
        }
      }
      throw new HubException(
          "%s: the hub does not tell size and hash of %s, so it could not be checked (expected: %s)"
              .formatted(
                  source, name, "X-Linked-Size or Content-Length, and X-Linked-Etag or ETag"));
    }
  }

  /**
   * Opens a file's content.
   *
   * @param from where to begin; the answer says whether the hub did so
   */
  Reply open(ModelSource.Hub source, String name, long from)
      throws TryAgainException, InterruptedException {
    return exchange("GET", source, resolve(source, name), from);
  }

  private static String resolve(ModelSource.Hub source, String name) {
    return "/%s/resolve/%s/%s"
        .formatted(source.repository(), encode(source.revision()), encode(name));
  }

  private static String encode(String part) {
    return URLEncoder.encode(part, StandardCharsets.UTF_8);
  }

  private Reply exchange(String method, ModelSource.Hub source, String path, long from)
      throws TryAgainException, InterruptedException {
    URI uri = URI.create(settings.endpoint() + path);
    List<HttpHeaders> hops = new ArrayList<>();
    for (int hop = 0; hop <= MOST_REDIRECTS; hop++) {
      boolean ofHub = sameOrigin(uri, settings.endpoint());
      HttpResponse<Flow.Publisher<List<ByteBuffer>>> response =
          send(request(method, uri, from, ofHub), source);
      PulledBody body = PulledBody.of(response.body(), settings.limits().silence());
      if (ofHub) {
        hops.add(response.headers());
      }
      int status = response.statusCode();
      boolean partial = status == PARTIAL && begins(response.headers(), from);
      if (status == OK || partial) {
        long length = response.headers().firstValueAsLong("Content-Length").orElse(-1);
        return new Reply(source, hops, partial, length, body);
      }
      body.close();
      if (status == RANGE_REFUSED && from > 0) {
        return exchange(method, source, path, 0);
      }
      if (status / 100 != 3) {
        throw Refusal.of(settings, source, uri, ofHub, status, response.headers());
      }
      uri = redirect(source, uri, response.headers());
      if (method.equals(HEAD) && !sameOrigin(uri, settings.endpoint())) {
        return new Reply(source, hops, false, -1, body); // only the hub knows the hash
      }
    }
    throw new HubException(source + ": more than " + MOST_REDIRECTS + " redirects from " + path);
  }

  private HttpRequest request(String method, URI uri, long from, boolean ofHub) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .method(method, BodyPublishers.noBody())
            .timeout(settings.limits().answer())
            .header("User-Agent", "troupe")
            .header("Accept-Encoding", "identity");
    if (from > 0) {
      request.header("Range", "bytes=" + from + "-");
    }
    if (ofHub) {
      token.ifPresent(secret -> request.header("Authorization", "Bearer " + secret));
    }
    return request.build();
  }

  private HttpResponse<Flow.Publisher<List<ByteBuffer>>> send(
      HttpRequest request, ModelSource.Hub source) throws TryAgainException, InterruptedException {
    try {
      return http.send(request, BodyHandlers.ofPublisher());
    } catch (HttpTimeoutException e) {
      throw new TryAgainException(
          "%s: no answer from %s within %d s"
              .formatted(
                  source, Refusal.authority(request.uri()), settings.limits().answer().toSeconds()),
          e);
    } catch (IOException e) {
      throw new TryAgainException(
          "%s: no connection to %s: %s"
              .formatted(
                  source,
                  Refusal.authority(request.uri()),
                  e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()),
          e);
    }
  }

  private static boolean begins(HttpHeaders headers, long from) {
    return headers.firstValue("Content-Range").orElse("").startsWith("bytes " + from + "-");
  }

  private static URI redirect(ModelSource.Hub source, URI from, HttpHeaders headers) {
    String location = headers.firstValue("Location").orElse("");
    try {
      URI to = from.resolve(location);
      boolean safe =
          "https".equals(to.getScheme())
              || ("http".equals(to.getScheme()) && "http".equals(from.getScheme()));
      if (!location.isEmpty() && to.getHost() != null && safe) {
        return to;
      }
    } catch (IllegalArgumentException e) {
      // no address at all; said below
    }
    throw new HubException(
        "%s: %s redirects to '%s' (expected: an http address, https if it was before)"
            .formatted(source, Refusal.authority(from), location));
  }

  private static boolean sameOrigin(URI one, URI other) {
    return one.getScheme().equals(other.getScheme())
        && one.getHost().equalsIgnoreCase(other.getHost())
        && port(one) == port(other);
  }

  private static int port(URI uri) {
    int standard = uri.getScheme().equals("https") ? 443 : 80;
    return uri.getPort() < 0 ? standard : uri.getPort();
  }
}
