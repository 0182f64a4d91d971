package dev.troupe.cli.local;

import dev.troupe.cli.internal.CliException;
import dev.troupe.cli.internal.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where clusters on this machine keep their state. */
public final class LocalDirectories {

  private LocalDirectories() {}

  /** A new folder that is removed with its cluster. */
  public static Path temporary() {
    try {
      return Files.createTempDirectory("troupe-");
    } catch (IOException e) {
      throw new CliException(
          ExitCode.FAILED, "cannot make a temporary folder: " + e.getMessage(), e);
    }
  }
}
