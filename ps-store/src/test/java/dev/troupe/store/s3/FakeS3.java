package dev.troupe.store.s3;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.troupe.store.internal.s3.Signatures;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;

/**
 * A server that speaks as much of S3 as a store needs, with one bucket, {@value #BUCKET}. It checks
 * signatures and bodies, lists in short pages, and misbehaves when told to.
 */
final class FakeS3 implements AutoCloseable {

  static final String BUCKET = "tests";
  static final String ACCESS_KEY = "AKIDEXAMPLE";
  static final String SECRET_KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

  private static final int PAGE = 3;
  private static final DateTimeFormatter HTTP_TIME =
      DateTimeFormatter.RFC_1123_DATE_TIME.withZone(ZoneOffset.UTC);

  /** What a request meets instead of an answer. */
  enum Fault {
    /** Status 503. */
    BUSY,
    /** The connection ends without an answer. */
    CUT,
    /** The answer's body ends in the middle. */
    TRUNCATED,
    /** The answer never comes. */
    SILENT,
    /** Status 200, and an error in the body. */
    FAILED_LATE,
    /** It is done, and the connection ends before the answer. */
    DONE_AND_CUT
  }

  /** An object. */
  static final class Stored {
    final byte[] content;
    volatile Instant modified = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    Stored(byte[] content) {
      this.content = content;
    }

    String tag() {
      return '"' + hash("MD5", content) + '"';
    }
  }

  private record Planned(Predicate<String> request, Fault fault) {}

  final Map<String, Stored> objects = new ConcurrentSkipListMap<>();

  /** Parts of uploads that have not been completed, by the upload's id. */
  final Map<String, NavigableMap<Integer, byte[]>> uploads = new ConcurrentSkipListMap<>();

  /** What was asked, as in {@code PUT blobs/abc?partNumber=1}. */
  final Queue<String> requests = new ConcurrentLinkedQueue<>();

  private final Queue<Planned> faults = new ConcurrentLinkedQueue<>();
  private final HttpServer server;
  private final ExecutorService pool = Executors.newCachedThreadPool();
  private final CountDownLatch closed = new CountDownLatch(1);

  FakeS3() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(pool);
    server.createContext("/", this::handle);
    server.start();
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** The next request that begins like that meets a fault. */
  void plan(Fault fault, String start) {
    faults.add(new Planned(request -> request.startsWith(start), fault));
  }

  boolean allFaultsMet() {
    return faults.isEmpty();
  }

  /** Makes an object look older. */
  void age(String key, Duration by) {
    Stored stored = objects.get(key);
    stored.modified = stored.modified.minus(by);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      String path = exchange.getRequestURI().getPath();
      Map<String, String> query = query(exchange.getRequestURI().getRawQuery());
      String key = path.substring(Math.min(path.length(), ("/" + BUCKET + "/").length()));
      String request = exchange.getRequestMethod() + " " + key + show(query);
      requests.add(request);
      Fault fault = next(request);
      if (fault == Fault.SILENT) {
        closed.await();
      } else if (fault == Fault.BUSY) {
        answer(exchange, 503, error("SlowDown", "Reduce your request rate."), null);
      } else if (fault == Fault.FAILED_LATE) {
        answer(exchange, 200, error("InternalError", "We are sorry."), null);
      } else if (fault != Fault.CUT) {
        String refusal = check(exchange, path, query, body);
        if (refusal != null) {
          answer(exchange, refusal.contains("NoSuchBucket") ? 404 : 403, refusal, null);
        } else {
          serve(exchange, key, query, body, fault);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String show(Map<String, String> query) {
    return query.isEmpty() ? "" : "?" + String.join("&", query.keySet());
  }

  private Fault next(String request) {
    for (Planned planned : faults) {
      if (planned.request().test(request)) {
        faults.remove(planned);
        return planned.fault();
      }
    }
    return null;
  }

  private String check(HttpExchange exchange, String path, Map<String, String> query, byte[] body) {
    String payload = exchange.getRequestHeaders().getFirst("x-amz-content-sha256");
    if (!hash("SHA-256", body).equals(payload)) {
      return error("XAmzContentSHA256Mismatch", "The body is not what was signed.");
    }
    String wrong = Signatures.check(exchange, query, payload, ACCESS_KEY, SECRET_KEY);
    if (wrong != null) {
      return error(wrong, "The request is not signed as it should be.");
    }
    return path.startsWith("/" + BUCKET + "/")
        ? null
        : error("NoSuchBucket", "The specified bucket does not exist");
  }

  private void serve(
      HttpExchange exchange, String key, Map<String, String> query, byte[] body, Fault fault)
      throws IOException {
    switch (exchange.getRequestMethod()) {
      case "GET" -> {
        if (query.containsKey("list-type")) {
          answer(exchange, 200, list(query), fault);
        } else {
          get(exchange, key, fault);
        }
      }
      case "HEAD" -> head(exchange, key);
      case "PUT" -> put(exchange, key, query, body, fault);
      case "POST" -> post(exchange, key, query, body, fault);
      default -> {
        if (query.containsKey("uploadId")) {
          uploads.remove(query.get("uploadId"));
        } else {
          objects.remove(key);
        }
        exchange.sendResponseHeaders(204, -1);
      }
    }
  }

  private void get(HttpExchange exchange, String key, Fault fault) throws IOException {
    Stored stored = objects.get(key);
    if (stored == null) {
      answer(exchange, 404, error("NoSuchKey", "The specified key does not exist."), null);
      return;
    }
    String range = exchange.getRequestHeaders().getFirst("range");
    int from = range == null ? 0 : Integer.parseInt(range.replaceAll("bytes=(\\d+)-.*", "$1"));
    int to =
        range == null || range.endsWith("-")
            ? stored.content.length
            : Math.min(
                stored.content.length, Integer.parseInt(range.replaceAll(".*-(\\d+)", "$1")) + 1);
    byte[] rest = Arrays.copyOfRange(stored.content, from, to);
    int status = range == null ? 200 : 206;
    exchange.sendResponseHeaders(status, rest.length == 0 ? -1 : rest.length);
    OutputStream out = exchange.getResponseBody();
    out.write(rest, 0, fault == Fault.TRUNCATED ? rest.length / 2 : rest.length);
    out.flush();
  }

  private void head(HttpExchange exchange, String key) throws IOException {
    Stored stored = objects.get(key);
    if (stored == null) {
      exchange.sendResponseHeaders(404, -1);
      return;
    }
    exchange.getResponseHeaders().set("Content-Length", "" + stored.content.length);
    exchange.getResponseHeaders().set("Last-Modified", HTTP_TIME.format(stored.modified));
    exchange.sendResponseHeaders(200, -1);
  }

  private void put(
      HttpExchange exchange, String key, Map<String, String> query, byte[] body, Fault fault)
      throws IOException {
    String source = exchange.getRequestHeaders().getFirst("x-amz-copy-source");
    if (query.containsKey("partNumber")) {
      NavigableMap<Integer, byte[]> parts = uploads.get(query.get("uploadId"));
      parts.put(Integer.parseInt(query.get("partNumber")), body);
      exchange.getResponseHeaders().set("ETag", new Stored(body).tag());
      answer(exchange, 200, "", fault);
    } else if (source != null) {
      Stored original = objects.get(source.substring(("/" + BUCKET + "/").length()));
      if (original == null) {
        answer(exchange, 404, error("NoSuchKey", "There is no source."), null);
        return;
      }
      Stored copy = new Stored(original.content);
      objects.put(key, copy);
      answer(exchange, 200, "<CopyObjectResult><ETag>x</ETag></CopyObjectResult>", fault);
    } else if ("*".equals(exchange.getRequestHeaders().getFirst("if-none-match"))
        && objects.containsKey(key)) {
      answer(exchange, 412, error("PreconditionFailed", "It is there."), null);
    } else {
      objects.put(key, new Stored(body));
      answer(exchange, 200, "", fault);
    }
  }

  private void post(
      HttpExchange exchange, String key, Map<String, String> query, byte[] body, Fault fault)
      throws IOException {
    if (query.containsKey("uploads")) {
      String id = "upload " + uploads.size() + "+/=";
      uploads.put(id, new ConcurrentSkipListMap<>()); // parts come side by side
      String xml =
          "<InitiateMultipartUploadResult><UploadId>%s</UploadId></InitiateMultipartUploadResult>";
      answer(exchange, 200, xml.formatted(id), fault);
      return;
    }
    NavigableMap<Integer, byte[]> parts = uploads.remove(query.get("uploadId"));
    if (parts == null) {
      answer(exchange, 404, error("NoSuchUpload", "There is no such upload."), null);
      return;
    }
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    String asked = new String(body, UTF_8);
    parts.forEach(
        (number, part) -> {
          String tag = new Stored(part).tag().replace("\"", "&quot;");
          String expected = "<PartNumber>" + number + "</PartNumber><ETag>" + tag + "</ETag>";
          if (asked.contains(expected)) {
            whole.writeBytes(part);
          }
        });
    objects.put(key, new Stored(whole.toByteArray()));
    answer(exchange, 200, "<CompleteMultipartUploadResult/>", fault);
  }

  private String list(Map<String, String> query) {
    String after = query.getOrDefault("continuation-token", "");
    List<String> keys =
        objects.keySet().stream()
            .filter(key -> key.startsWith(query.get("prefix")) && key.compareTo(after) > 0)
            .toList();
    StringBuilder xml = new StringBuilder("<ListBucketResult>");
    List<String> page = new ArrayList<>(keys.subList(0, Math.min(PAGE, keys.size())));
    for (String key : page) {
      Stored stored = objects.get(key);
      xml.append("<Contents><Key>").append(key).append("</Key><LastModified>");
      xml.append(stored.modified).append("</LastModified><ETag>");
      xml.append(stored.tag().replace("\"", "&quot;")).append("</ETag><Size>");
      xml.append(stored.content.length).append("</Size></Contents>");
    }
    xml.append("<IsTruncated>").append(keys.size() > PAGE).append("</IsTruncated>");
    if (keys.size() > PAGE) {
      xml.append("<NextContinuationToken>").append(page.get(PAGE - 1));
      xml.append("</NextContinuationToken>");
    }
    return xml.append("</ListBucketResult>").toString();
  }

  private static void answer(HttpExchange exchange, int status, String text, Fault fault)
      throws IOException {
    if (fault == Fault.DONE_AND_CUT) {
      return;
    }
    byte[] body = text.getBytes(UTF_8);
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    if (body.length > 0) {
      exchange.getResponseBody().write(body);
    }
  }

  private static String error(String code, String message) {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>%s</Code><Message>%s</Message></Error>"
        .formatted(code, message);
  }

  private static Map<String, String> query(String raw) {
    Map<String, String> query = new TreeMap<>();
    if (raw != null) {
      for (String pair : raw.split("&", -1)) {
        String[] parts = pair.split("=", 2);
        query.put(
            URLDecoder.decode(parts[0], UTF_8),
            parts.length < 2 ? "" : URLDecoder.decode(parts[1], UTF_8));
      }
    }
    return query;
  }

  private static String hash(String algorithm, byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(content));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    pool.shutdownNow();
  }
}
