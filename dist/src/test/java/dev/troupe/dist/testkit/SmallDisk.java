package dev.troupe.dist.testkit;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A file system of a few MiB of its own, to be filled up and emptied again. */
public final class SmallDisk implements AutoCloseable {

  private static final String FILLER = "filler";
  private static final int BLOCK = 4096;

  private final Path at;

  private SmallDisk(Path at) {
    this.at = at;
  }

  /** Mounts one at a directory, made if it is missing; without the right to, skips the test. */
  public static SmallDisk mount(Path at, int mebibytes) {
    try {
      Files.createDirectories(at);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=" + mebibytes + "m", "tmpfs", at.toString()),
        "skipped: mounting a small tmpfs needs root (and the right to mount)");
    return new SmallDisk(at);
  }

  public Path path() {
    return at;
  }

  /** Takes all the room that there is. */
  public void fill() {
    byte[] block = new byte[BLOCK];
    try (OutputStream out = Files.newOutputStream(at.resolve(FILLER))) {
      while (Files.getFileStore(at).getUsableSpace() > 0) {
        out.write(block);
      }
    } catch (IOException e) {
      if (!String.valueOf(e.getMessage()).contains("No space left")) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Gives back what {@link #fill} took. */
  public void makeRoom() {
    try {
      Files.deleteIfExists(at.resolve(FILLER));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    if (!run("umount", "-l", at.toString())) {
      throw new AssertionError("cannot unmount " + at);
    }
  }

  private static boolean run(String... command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false; // there is no such command here
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
