package dev.troupe.lm;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A hub on the loopback interface that speaks the API of the public one: listings, files, redirects
 * of large files to another host (the same server under another name), ranges, error codes.
 */
final class FakeHub implements AutoCloseable {

  /** One request as it came. */
  record Request(String method, String host, String path, String range, String authorization) {}

  /** Answers instead of the hub. */
  interface Fault {
    void answer(HttpExchange exchange, byte[] content) throws IOException;
  }

  static final String REPOSITORY = "acme/tiny";
  static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
  private static final String LARGE = ".safetensors";

  final Map<String, byte[]> files = new ConcurrentSkipListMap<>();
  final Map<String, Long> claimedSizes = new ConcurrentHashMap<>();
  final List<Request> requests = new CopyOnWriteArrayList<>();
  volatile String commit = COMMIT;
  volatile String token;
  volatile boolean listsHashes = true;

  private final Map<String, Queue<Fault>> faults = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;

  FakeHub() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** The next request whose path ends so meets with a fault; several are used up in their order. */
  void fail(String pathEnd, Fault... next) {
    faults.computeIfAbsent(pathEnd, p -> new ConcurrentLinkedQueue<>()).addAll(List.of(next));
  }

  /** A status with headers, each {@code Name: value}. */
  static Fault status(int status, String... headers) {
    return (exchange, content) -> {
      for (String header : headers) {
        int colon = header.indexOf(':');
        exchange
            .getResponseHeaders()
            .set(header.substring(0, colon), header.substring(colon + 1).strip());
      }
      exchange.sendResponseHeaders(status, -1);
    };
  }

  /** Promises all and closes the connection after {@code bytes}. */
  static Fault cutAfter(int bytes) {
    return (exchange, content) -> {
      exchange.sendResponseHeaders(200, content.length);
      exchange.getResponseBody().write(content, 0, bytes);
      exchange.getResponseBody().flush();
    };
  }

  /** Waits for what another thread does. */
  static void await(CountDownLatch latch) {
    try {
      if (!latch.await(60, TimeUnit.SECONDS)) {
        throw new AssertionError("did not happen within 60 s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Requests for the content of a file. */
  List<Request> downloads(String name) {
    return requests.stream()
        .filter(
            r -> r.method().equals("GET") && r.path().endsWith("/resolve/" + commit + "/" + name))
        .toList();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getRawPath();
      requests.add(
          new Request(
              exchange.getRequestMethod(),
              exchange.getRequestHeaders().getFirst("Host").replaceFirst(":.*", ""),
              path,
              exchange.getRequestHeaders().getFirst("Range"),
              exchange.getRequestHeaders().getFirst("Authorization")));
      for (Map.Entry<String, Queue<Fault>> fault : faults.entrySet()) {
        Fault next = path.endsWith(fault.getKey()) ? fault.getValue().poll() : null;
        if (next != null) {
          String name = path.substring(path.lastIndexOf('/') + 1);
          next.answer(exchange, files.getOrDefault(name, new byte[0]));
          return;
        }
      }
      answer(exchange, path);
    }
  }

  private void answer(HttpExchange exchange, String path) throws IOException {
    boolean cdn = path.startsWith("/cdn/");
    if (!cdn && token != null && !("Bearer " + token).equals(authorization(exchange))) {
      status(401, "X-Error-Code: RepoNotFound").answer(exchange, null);
    } else if (cdn && exchange.getRequestMethod().equals("HEAD")) {
      status(403).answer(exchange, null); // its addresses are signed for GET alone
    } else if (cdn) {
      send(exchange, files.get(path.substring("/cdn/".length())));
    } else if (path.startsWith("/api/models/" + REPOSITORY + "/revision/")) {
      list(exchange, path.substring(path.lastIndexOf('/') + 1));
    } else if (path.startsWith("/" + REPOSITORY + "/resolve/" + commit + "/")) {
      String name =
          URLDecoder.decode(path.substring(path.lastIndexOf('/') + 1), StandardCharsets.UTF_8);
      file(exchange, name);
    } else {
      status(404, "X-Error-Code: RepoNotFound").answer(exchange, null);
    }
  }

  private static String authorization(HttpExchange exchange) {
    return exchange.getRequestHeaders().getFirst("Authorization");
  }

  private void list(HttpExchange exchange, String revision) throws IOException {
    if (!List.of("main", "refs%2Fpr%2F1", commit).contains(revision)) {
      status(404, "X-Error-Code: RevisionNotFound").answer(exchange, null);
      return;
    }
    ObjectNode listing = new ObjectMapper().createObjectNode().put("sha", commit);
    ArrayNode siblings = listing.putArray("siblings");
    files.forEach(
        (name, content) -> {
          ObjectNode file = siblings.addObject().put("rfilename", name);
          if (listsHashes) {
            file.put("size", claimedSizes.getOrDefault(name, (long) content.length));
            file.put("blobId", gitBlob(content));
            if (name.endsWith(LARGE)) {
              file.putObject("lfs").put("sha256", sha256(content));
            }
          }
        });
    send(exchange, listing.toString().getBytes(StandardCharsets.UTF_8));
  }

  private void file(HttpExchange exchange, String name) throws IOException {
    byte[] content = files.get(name);
    if (content == null) {
      status(404, "X-Error-Code: EntryNotFound").answer(exchange, null);
    } else if (name.endsWith(LARGE)) {
      String other = "http://localhost:" + server.getAddress().getPort() + "/cdn/" + name;
      status(
              302,
              "Location: " + other,
              "X-Linked-Size: " + content.length,
              "X-Linked-Etag: \"" + sha256(content) + '"')
          .answer(exchange, content);
    } else {
      exchange.getResponseHeaders().set("ETag", "W/\"" + gitBlob(content) + '"');
      send(exchange, content);
    }
  }

  private static void send(HttpExchange exchange, byte[] content) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", String.valueOf(content.length));
      exchange.sendResponseHeaders(200, -1);
      return;
    }
    if (from > 0) {
      exchange
          .getResponseHeaders()
          .set(
              "Content-Range",
              "bytes %d-%d/%d".formatted(from, content.length - 1, content.length));
    }
    byte[] rest = Arrays.copyOfRange(content, from, content.length);
    exchange.sendResponseHeaders(from > 0 ? 206 : 200, rest.length == 0 ? -1 : rest.length);
    exchange.getResponseBody().write(rest);
  }

  static String sha256(byte[] content) {
    return hex("SHA-256", content);
  }

  private static String gitBlob(byte[] content) {
    byte[] title = ("blob " + content.length + '\0').getBytes(StandardCharsets.UTF_8);
    byte[] both = Arrays.copyOf(title, title.length + content.length);
    System.arraycopy(content, 0, both, title.length, content.length);
    return hex("SHA-1", both);
  }

  private static String hex(String algorithm, byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new UncheckedIOException(new IOException(e));
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
