package dev.troupe.core.duckdb;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Removes the files of libraries that a driver has unpacked and loaded. It leaves them to the end
 * of the JVM, which never comes for a process that is killed, so each would leave its megabytes
 * behind. Linux keeps what is loaded without its name; where there is no {@code /proc}, nothing is
 * done.
 */
final class NativeLibrary {

  private static final Path MAPS = Path.of("/proc/self/maps");
  private static final Path TEMPORARY = Path.of(System.getProperty("java.io.tmpdir"));

  private NativeLibrary() {}

  /** Removes loaded files of the temporary folder whose names begin so. */
  static void unlink(String prefix) {
    if (!Files.isReadable(MAPS)) {
      return;
    }
    String start = TEMPORARY.resolve(prefix).toString();
    try (Stream<String> maps = Files.lines(MAPS)) {
      for (String file :
          maps.filter(line -> line.contains(start) && line.endsWith(".so"))
              .map(line -> line.substring(line.indexOf(start)))
              .distinct()
              .toList()) {
        Files.deleteIfExists(Path.of(file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
