package dev.troupe.sft;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.troupe.core.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** A hub on the loopback interface whose one model is a folder. */
final class FolderHub implements AutoCloseable {

  static final String MODEL = "hf:acme/tiny";
  static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

  /** Paths of all requests for content. */
  final List<String> downloads = new CopyOnWriteArrayList<>();

  private final Path folder;
  private final HttpServer server;

  FolderHub(Path folder) throws IOException {
    this.folder = folder;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/api/models/acme/tiny/revision/", this::list);
    server.createContext("/acme/tiny/resolve/" + COMMIT + "/", this::file);
    server.start();
  }

  String endpoint() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void list(HttpExchange exchange) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Map<String, String>> names =
          files.map(file -> Map.of("rfilename", file.getFileName().toString())).toList();
      String listing = Json.write(Map.of("sha", COMMIT, "siblings", names));
      send(exchange, listing.getBytes(StandardCharsets.UTF_8));
    }
  }

  private void file(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    byte[] content = Files.readAllBytes(folder.resolve(path.substring(path.lastIndexOf('/') + 1)));
    exchange.getResponseHeaders().set("ETag", '"' + sha256(content) + '"');
    if (exchange.getRequestMethod().equals("GET")) {
      downloads.add(path);
      send(exchange, content);
    } else {
      exchange.getResponseHeaders().set("Content-Length", String.valueOf(content.length));
      exchange.sendResponseHeaders(200, -1);
      exchange.close();
    }
  }

  private static void send(HttpExchange exchange, byte[] content) throws IOException {
    try (exchange) {
      exchange.sendResponseHeaders(200, content.length);
      exchange.getResponseBody().write(content);
    }
  }

  private static String sha256(byte[] content) throws IOException {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IOException(e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
