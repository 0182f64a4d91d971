package dev.troupe.store.s3;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** A store on a server that others wrote: moto, of the Python that {@code TROUPE_PYTHON} names. */
class S3PeerTest extends S3Contract {

  private static final Duration START = Duration.ofSeconds(60);
  private static final String BUCKET = "peer";

  private static Process server;
  private static URI endpoint;

  @BeforeAll
  static void startServer() throws Exception {
    String python = System.getenv("TROUPE_PYTHON");
    assumeTrue(python != null, "TROUPE_PYTHON is not set: no Python with moto[server]");
    assumeTrue(
        new ProcessBuilder(python, "-c", "import moto.server").start().waitFor() == 0,
        python + " has no moto[server]: pip install 'moto[server]'");
    int port = freePort();
    endpoint = URI.create("http://127.0.0.1:" + port);
    server =
        new ProcessBuilder(python, "-m", "moto.server", "-H", "127.0.0.1", "-p", "" + port)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    long until = System.nanoTime() + START.toNanos();
    while (makeBucket() != 200) {
      if (System.nanoTime() > until || !server.isAlive()) {
        throw new AssertionError("moto did not start within " + START);
      }
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return probe.getLocalPort();
    }
  }

  /** Waits for a connection as long as that takes; -1 if there is nobody yet. */
  private static int makeBucket() throws InterruptedException {
    try {
      HttpURLConnection connection =
          (HttpURLConnection) endpoint.resolve("/" + BUCKET).toURL().openConnection();
      connection.setRequestMethod("PUT");
      return connection.getResponseCode();
    } catch (IOException e) {
      server.waitFor(50, TimeUnit.MILLISECONDS);
      return -1;
    }
  }

  @AfterAll
  static void stopServer() {
    if (server != null) {
      server.destroyForcibly();
    }
  }

  @Override
  URI endpoint() {
    return endpoint;
  }

  @Override
  String bucket() {
    return BUCKET;
  }
}
