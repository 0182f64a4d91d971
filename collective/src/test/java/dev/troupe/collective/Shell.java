package dev.troupe.collective;

import java.io.IOException;

/** Commands that a test would like to run where the machine allows it. */
final class Shell {
  private Shell() {}

  /** Whether the command exists and succeeds. */
  static boolean run(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
