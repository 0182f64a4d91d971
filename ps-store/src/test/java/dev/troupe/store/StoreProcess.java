package dev.troupe.store;

import dev.troupe.core.BlobRef;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** Another process on the same directory, which says what it has done, a line each. */
final class StoreProcess implements AutoCloseable {

  private final Process process;
  private final BufferedReader output;

  /**
   * @param what "blobs": puts {@link #content} 0, 1, 2, ... and prints each hash; "log": writes
   *     lines to the log of "job" and prints the number of lines so far
   */
  StoreProcess(Path directory, String what, int count) throws IOException {
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                StoreProcess.class.getName(),
                directory.toString(),
                what,
                String.valueOf(count))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    output = process.inputReader(StandardCharsets.UTF_8);
  }

  /** The next thing done; null at the process's end. */
  String next() throws IOException {
    return output.readLine();
  }

  /** As {@code kill -9}. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor(10, TimeUnit.SECONDS);
  }

  int exitCode() throws InterruptedException {
    return process.waitFor(20, TimeUnit.SECONDS) ? process.exitValue() : -1;
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    output.close();
  }

  /** From a few bytes to 6 MiB. */
  static byte[] content(int number) {
    Random random = new Random(number);
    byte[] bytes = new byte[random.nextInt(1 << (3 + random.nextInt(20))) * 3 / 4];
    random.nextBytes(bytes);
    return bytes;
  }

  /** The text of a line of log, some of them long. */
  static String line(int number) {
    return number + ":" + "x".repeat(new Random(number).nextInt(20_000));
  }

  public static void main(String[] args) throws IOException {
    Path directory = Path.of(args[0]);
    int count = Integer.parseInt(args[2]);
    if (args[1].equals("blobs")) {
      try (BlobStore store = Stores.open(directory)) {
        for (int i = 0; i < count; i++) {
          BlobRef blob = store.put(ByteBuffer.wrap(content(i)));
          say(blob.sha256());
        }
      }
    } else {
      LogStore logs = LogStore.open(directory, 1L << 30);
      for (int i = 0; i < count; i += 50) {
        StringBuilder lines = new StringBuilder();
        for (int j = i; j < i + 50; j++) {
          lines.append(line(j)).append('\n');
        }
        logs.append("job", "task", Instant.EPOCH, lines.toString());
        say(String.valueOf(i + 50));
      }
    }
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
