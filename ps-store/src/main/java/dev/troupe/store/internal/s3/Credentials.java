package dev.troupe.store.internal.s3;

import dev.troupe.core.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Who asks. Never shown: {@link #toString} has nothing of it.
 *
 * @param token of a session; empty if there is none
 */
record Credentials(String accessKey, String secretKey, String token) {

  @Override
  public String toString() {
    return "Credentials";
  }

  /** Where credentials come from; asked for each request. */
  @FunctionalInterface
  interface Source {
    Credentials get();
  }

  /**
   * From a file, read anew when it has changed; else from {@code AWS_ACCESS_KEY_ID} and {@code
   * AWS_SECRET_ACCESS_KEY} (with {@code AWS_SESSION_TOKEN}); else from {@code
   * AWS_SHARED_CREDENTIALS_FILE} or {@code ~/.aws/credentials}.
   *
   * @throws StoreException if there are none
   */
  static Source find(Optional<Path> file, Map<String, String> environment) {
    if (file.isPresent()) {
      return new FromFile(file.get(), "troupe.store.s3.credentials-file");
    }
    String accessKey = environment.getOrDefault("AWS_ACCESS_KEY_ID", "");
    String secretKey = environment.getOrDefault("AWS_SECRET_ACCESS_KEY", "");
    if (!accessKey.isEmpty() && !secretKey.isEmpty()) {
      Credentials fixed =
          new Credentials(accessKey, secretKey, environment.getOrDefault("AWS_SESSION_TOKEN", ""));
      return () -> fixed;
    }
    String home = System.getProperty("user.home");
    Path shared =
        Path.of(
            environment.getOrDefault(
                "AWS_SHARED_CREDENTIALS_FILE", Path.of(home, ".aws", "credentials").toString()));
    if (Files.isReadable(shared)) {
      return new FromFile(shared, "credentials");
    }
    throw new StoreException(
        "no credentials (expected: troupe.store.s3.credentials-file, or AWS_ACCESS_KEY_ID and"
            + " AWS_SECRET_ACCESS_KEY in the environment, or the file "
            + shared
            + ")");
  }

  /** The section {@code [default]} of a file; a file without sections counts as one. */
  private static final class FromFile implements Source {

    private final Path file;
    private final String what;
    private FileTime readAt;
    private Credentials credentials;

    FromFile(Path file, String what) {
      this.file = file;
      this.what = what;
    }

    @Override
    public synchronized Credentials get() {
      try {
        FileTime changed = Files.getLastModifiedTime(file);
        if (!changed.equals(readAt)) {
          credentials = read();
          readAt = changed;
        }
        return credentials;
      } catch (IOException e) {
        throw new StoreException(what + ": " + file + " cannot be read: " + e.getMessage(), e);
      }
    }

    private Credentials read() throws IOException {
      Map<String, String> values = new HashMap<>();
      boolean ours = true;
      for (String line : Files.readAllLines(file)) {
        String text = line.strip();
        int equals = text.indexOf('=');
        if (text.startsWith("[")) {
          ours = text.equals("[default]");
        } else if (ours && equals > 0 && !text.startsWith("#")) {
          values.put(text.substring(0, equals).strip(), text.substring(equals + 1).strip());
        }
      }
      String accessKey = values.getOrDefault("aws_access_key_id", "");
      String secretKey = values.getOrDefault("aws_secret_access_key", "");
      if (accessKey.isEmpty() || secretKey.isEmpty()) {
        throw new StoreException(
            what
                + ": "
                + file
                + " (expected: the lines aws_access_key_id = ... and aws_secret_access_key = ...,"
                + " under [default])");
      }
      return new Credentials(accessKey, secretKey, values.getOrDefault("aws_session_token", ""));
    }
  }
}
