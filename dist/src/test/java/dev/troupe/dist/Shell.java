package dev.troupe.dist;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The assembled {@code bin/troupe}, run as a user runs it. */
final class Shell {

  /** The assembled distribution. */
  static final Path HOME = Path.of("target", "troupe").toAbsolutePath();

  private static final long LIMIT_SECONDS = 180;

  private final Path folder;
  private int count;

  Shell(Path folder) {
    this.folder = folder;
  }

  /** A command that has ended. */
  record Ended(int code, String out, String err) {}

  /** A command that runs. */
  record Running(Process process, Path outFile, Path errFile) {

    String out() throws IOException {
      return Files.readString(outFile);
    }

    String err() throws IOException {
      return Files.readString(errFile);
    }

    void signal(String name) throws IOException, InterruptedException {
      new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    }

    /** Waits for its end. */
    Ended end() throws IOException, InterruptedException {
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("still running after " + LIMIT_SECONDS + " s: " + err());
      }
      return new Ended(process.exitValue(), out(), err());
    }
  }

  /** Starts a command; it works in, and keeps its context file in, the test's folder. */
  Running start(String... arguments) throws IOException {
    // A build that was started in the background ignores Ctrl-C, and so would all that it starts.
    List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
    command.add(HOME.resolve("bin/troupe").toString());
    command.addAll(List.of(arguments));
    count++;
    Path out = folder.resolve("out-" + count);
    Path err = folder.resolve("err-" + count);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().put("TROUPE_CONTEXT", folder.resolve("context.yaml").toString());
    builder.environment().remove("TROUPE_ADDRESS");
    return new Running(builder.start(), out, err);
  }

  /** Runs a command to its end. */
  Ended run(String... arguments) throws IOException, InterruptedException {
    return start(arguments).end();
  }
}
