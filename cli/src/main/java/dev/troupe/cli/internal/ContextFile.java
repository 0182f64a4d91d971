package dev.troupe.cli.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The file that says which cluster is meant when nothing else does: flat YAML, {@code address},
 * {@code tokenFile}, {@code tlsTrust}. Read by hand, since a YAML parser would double the time of a
 * short command.
 */
public final class ContextFile {

  private static final Set<String> KEYS = Set.of("address", "tokenFile", "tlsTrust");

  private final Path path;

  private ContextFile(Path path) {
    this.path = path;
  }

  /**
   * {@code TROUPE_CONTEXT}, else {@code troupe/context.yaml} in the user's configuration folder.
   */
  public static ContextFile of(Io io) {
    if (!io.env("TROUPE_CONTEXT").isEmpty()) {
      return new ContextFile(io.directory().resolve(io.env("TROUPE_CONTEXT")));
    }
    Path base =
        io.env("XDG_CONFIG_HOME").isEmpty()
            ? io.home().resolve(".config")
            : Path.of(io.env("XDG_CONFIG_HOME"));
    return new ContextFile(base.resolve("troupe").resolve("context.yaml"));
  }

  public Path path() {
    return path;
  }

  /** What the file says; empty if there is none. */
  public Map<String, String> read() {
    if (!Files.isRegularFile(path)) {
      return Map.of();
    }
    Map<String, String> values = new LinkedHashMap<>();
    int number = 0;
    try {
      for (String line : Files.readAllLines(path)) {
        number++;
        String text = line.strip();
        if (text.isEmpty() || text.startsWith("#")) {
          continue;
        }
        int colon = text.indexOf(':');
        String key = colon < 0 ? text : text.substring(0, colon).strip();
        if (colon < 0 || !KEYS.contains(key)) {
          throw CliException.invalid(
              path
                  + ", line "
                  + number
                  + ": "
                  + key
                  + ": unknown key (expected: address, tokenFile or tlsTrust)"
                  + Nearest.hint(key, KEYS));
        }
        values.put(key, unquote(text.substring(colon + 1).strip()));
      }
    } catch (IOException e) {
      throw CliException.invalid("cannot read the context file " + path + ": " + Format.problem(e));
    }
    return values;
  }

  /** Makes the cluster at {@code address} the one that is meant. */
  public void write(String address) {
    try {
      Files.createDirectories(path.toAbsolutePath().getParent());
      Path draft = path.resolveSibling(path.getFileName() + "." + ProcessHandle.current().pid());
      Files.writeString(
          draft,
          "# Which cluster the troupe command talks to; --address and TROUPE_ADDRESS go first.\n"
              + "address: "
              + address
              + "\n",
          StandardCharsets.UTF_8);
      Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new CliException(
          ExitCode.FAILED, "cannot write the context file " + path + ": " + Format.problem(e), e);
    }
  }

  /** Forgets the cluster at {@code address}, unless another one is meant by now. */
  public void forget(String address) {
    try {
      if (address.equals(read().get("address"))) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new CliException(
          ExitCode.FAILED, "cannot remove the context file " + path + ": " + Format.problem(e), e);
    }
  }

  private static String unquote(String text) {
    for (String quote : List.of("\"", "'")) {
      if (text.length() >= 2 && text.startsWith(quote) && text.endsWith(quote)) {
        return text.substring(1, text.length() - 1);
      }
    }
    return text;
  }
}
