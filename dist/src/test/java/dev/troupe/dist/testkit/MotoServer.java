package dev.troupe.dist.testkit;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;

/**
 * A server that speaks S3, with one bucket: moto, of the Python that {@code TROUPE_PYTHON} names.
 */
public final class MotoServer implements AutoCloseable {

  private static final String BUCKET = "cluster";

  private final Path directory;
  private final URI endpoint;
  private final Process process;

  private MotoServer(Path directory, URI endpoint, Process process) {
    this.directory = directory;
    this.endpoint = endpoint;
    this.process = process;
  }

  /** Starts it, or skips the test and says why. */
  public static MotoServer start(Path directory) throws Exception {
    String python = System.getenv("TROUPE_PYTHON");
    assumeTrue(python != null, "TROUPE_PYTHON is not set: no Python with moto[server]");
    assumeTrue(
        new ProcessBuilder(python, "-c", "import moto.server").start().waitFor() == 0,
        python + " has no moto[server]: pip install 'moto[server]'");
    int port = freePort();
    Process process =
        new ProcessBuilder(python, "-m", "moto.server", "-H", "127.0.0.1", "-p", "" + port)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("moto.log").toFile())
            .start();
    MotoServer server = new MotoServer(directory, URI.create("http://127.0.0.1:" + port), process);
    Awaitility.await("moto to make a bucket")
        .atMost(Duration.ofSeconds(60))
        .until(() -> server.makeBucket() == 200);
    return server;
  }

  private static int freePort() throws IOException {
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return probe.getLocalPort();
    }
  }

  private int makeBucket() {
    try {
      HttpURLConnection connection =
          (HttpURLConnection) endpoint.resolve("/" + BUCKET).toURL().openConnection();
      connection.setRequestMethod("PUT");
      return connection.getResponseCode();
    } catch (IOException e) {
      return -1; // nobody there yet
    }
  }

  /** What nodes need to have their store in it. */
  public List<String> settings() {
    try {
      Path credentials =
          Files.writeString(
              directory.resolve("credentials"),
              "[default]\naws_access_key_id = test\naws_secret_access_key = test\n");
      return List.of(
          "troupe.store.url=s3://" + BUCKET + "/troupe",
          "troupe.store.s3.endpoint=" + endpoint,
          "troupe.store.s3.timeout=30s",
          "troupe.store.s3.credentials-file=" + credentials);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
