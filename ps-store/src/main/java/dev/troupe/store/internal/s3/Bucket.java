package dev.troupe.store.internal.s3;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.troupe.cluster.S3Config;
import dev.troupe.core.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import javax.xml.stream.XMLStreamException;

/** What can be done with the objects under the store's prefix. Keys lack the prefix. */
final class Bucket {

  /** Larger objects are sent in parts of at least this size. */
  static final int PART = 16 << 20;

  private static final int MOST_PARTS = 10_000;
  private static final long LARGEST_COPY = 5L << 30;
  private static final long COPIED_PART = 1L << 30;

  private final S3Client client;
  private final PartUploader uploader = new PartUploader();

  Bucket(S3Client client) {
    this.client = client;
  }

  S3Config config() {
    return client.config();
  }

  /** How long the next bytes of an answer may take. */
  Duration waitForBytes() {
    return client.waitForAnswer();
  }

  /** Content that can be read again, in pieces. */
  interface Source {
    long bytes();

    ByteBuffer read(long offset, int length) throws IOException;
  }

  /** An object, as a question for it or a list of it tells. */
  record Entry(String key, long bytes, Instant modified) {}

  /**
   * Whether it is there, and can be listed.
   *
   * @throws StoreException that says what to do, if not
   */
  void check() {
    client.send(
        S3Request.of("GET", null)
            .with("list-type", "2")
            .with("max-keys", "1")
            .with("prefix", config().prefix()));
  }

  /** Writes an object, in one piece. */
  void put(String key, Body body) {
    client.send(S3Request.of("PUT", key).body(body));
  }

  /**
   * Writes an object unless there is one.
   *
   * @return whether it was written
   */
  boolean putIfAbsent(String key, Body body) {
    try {
      client.send(S3Request.of("PUT", key).header("if-none-match", "*").body(body));
      return true;
    } catch (S3Exception e) {
      if (e.isRefusedByCondition()) {
        return false;
      }
      throw e;
    }
  }

  /** Writes an object; one that is large in parts, which become the object at once at the end. */
  void put(String key, Source source) throws IOException {
    long bytes = source.bytes();
    if (bytes <= PART) {
      put(key, Body.of(source.read(0, (int) bytes)));
      return;
    }
    long part = Math.max(PART, (bytes + MOST_PARTS - 1) / MOST_PARTS);
    inParts(
        key,
        bytes,
        part,
        (upload, number, offset, length) -> {
          Body body = Body.of(source.read(offset, (int) length));
          return client.send(part(key, upload, number).body(body)).header("etag");
        });
  }

  private static S3Request part(String key, String upload, int number) {
    return S3Request.of("PUT", key)
        .with("partNumber", Integer.toString(number))
        .with("uploadId", upload);
  }

  /** Copies an object on the server; onto itself, it only becomes newer. */
  void copy(String from, String to, long bytes) throws IOException {
    String source =
        "/" + config().bucket() + "/" + SignatureV4.encode(config().prefix() + from, "/");
    if (bytes <= LARGEST_COPY) {
      client.send(
          S3Request.of("PUT", to)
              .header("x-amz-copy-source", source)
              .header("x-amz-metadata-directive", "REPLACE"));
      return;
    }
    inParts(
        to,
        bytes,
        COPIED_PART,
        (upload, number, offset, length) -> {
          String range = "bytes=" + offset + "-" + (offset + length - 1);
          S3Client.Answer answer =
              client.send(
                  part(to, upload, number)
                      .header("x-amz-copy-source", source)
                      .header("x-amz-copy-source-range", range));
          return Xml.first(answer.body(), "ETag");
        });
  }

  private void inParts(String key, long bytes, long part, PartUploader.Writer writer)
      throws IOException {
    String upload =
        Xml.first(client.send(S3Request.of("POST", key).with("uploads", "")).body(), "UploadId");
    try {
      StringBuilder parts = new StringBuilder("<CompleteMultipartUpload>");
      int number = 1;
      for (String tag : uploader.upload(upload, bytes, part, writer)) {
        parts
            .append("<Part><PartNumber>")
            .append(number++)
            .append("</PartNumber><ETag>")
            .append(tag.replace("\"", "&quot;"))
            .append("</ETag></Part>");
      }
      parts.append("</CompleteMultipartUpload>");
      complete(key, upload, parts.toString(), bytes);
    } catch (IOException | RuntimeException e) {
      abort(key, upload, e);
      throw e;
    }
  }

  private void complete(String key, String upload, String parts, long bytes) {
    S3Request request =
        S3Request.of("POST", key).with("uploadId", upload).body(Body.of(parts.getBytes(UTF_8)));
    try {
      client.send(request);
    } catch (S3Exception e) {
      // Asked again after an answer that was lost: the upload is no more, the object is there.
      boolean done = e.isMissing() && head(key).filter(o -> o.bytes() == bytes).isPresent();
      if (!done) {
        throw e;
      }
    }
  }

  /** Or its parts would be kept, and paid for, for ever. */
  private void abort(String key, String upload, Exception cause) {
    try {
      client.send(S3Request.of("DELETE", key).with("uploadId", upload));
    } catch (StoreException e) {
      cause.addSuppressed(e);
    }
  }

  /** An object's length and time; empty if there is none. */
  Optional<Entry> head(String key) {
    try {
      S3Client.Answer answer = client.send(S3Request.of("HEAD", key));
      Instant modified =
          ZonedDateTime.parse(answer.header("last-modified"), DateTimeFormatter.RFC_1123_DATE_TIME)
              .toInstant();
      return Optional.of(new Entry(key, Long.parseLong(answer.header("content-length")), modified));
    } catch (S3Exception e) {
      if (e.isMissing()) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * Reads an object from an offset on.
   *
   * @throws S3Exception if there is none
   */
  InputStream open(String key, long offset) {
    S3Request request = S3Request.of("GET", key);
    return client.open(offset == 0 ? request : request.header("range", "bytes=" + offset + "-"));
  }

  /** Reads a small object; empty if there is none. */
  Optional<byte[]> get(String key) {
    return get(S3Request.of("GET", key));
  }

  /** Reads a few bytes of an object, or as many as there are; empty if there is none. */
  Optional<byte[]> get(String key, long position, int length) {
    String range = "bytes=" + position + "-" + (position + length - 1);
    return get(S3Request.of("GET", key).header("range", range));
  }

  private Optional<byte[]> get(S3Request request) {
    try {
      return Optional.of(client.send(request).body());
    } catch (S3Exception e) {
      if (e.isMissing()) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Deletes an object, if there is one. */
  void delete(String key) {
    client.send(S3Request.of("DELETE", key));
  }

  /** Every object whose key begins like that, in order of their keys. */
  void list(String start, Consumer<Entry> action) {
    String next = "";
    do {
      S3Request request =
          S3Request.of("GET", null)
              .with("list-type", "2")
              .with("prefix", config().prefix() + start);
      byte[] page =
          client.send(next.isEmpty() ? request : request.with("continuation-token", next)).body();
      for (Map<String, String> object : objects(page)) {
        action.accept(
            new Entry(
                object.get("Key").substring(config().prefix().length()),
                Long.parseLong(object.get("Size")),
                Instant.parse(object.get("LastModified"))));
      }
      next =
          Xml.first(page, "IsTruncated").equals("true")
              ? Xml.first(page, "NextContinuationToken")
              : "";
    } while (!next.isEmpty());
  }

  /** As {@link #list(String, Consumer)}. */
  List<Entry> list(String start) {
    List<Entry> all = new ArrayList<>();
    list(start, all::add);
    return all;
  }

  private List<Map<String, String>> objects(byte[] page) {
    try {
      return Xml.all(page, "Contents");
    } catch (XMLStreamException e) {
      throw new StoreException(
          "list of " + config().show("") + ": the answer is no list: " + e.getMessage(), e);
    }
  }
}
