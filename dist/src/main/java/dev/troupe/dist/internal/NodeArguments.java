package dev.troupe.dist.internal;

import dev.troupe.cluster.NodeException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A node's command line: {@code --config FILE}, {@code --set KEY=VALUE} (any number), {@code
 * --ready-file FILE}, {@code --parent-pid PID}.
 *
 * @param config HOCON over the defaults
 * @param overrides full keys and values over the file's
 * @param readyFile where the node writes its ports once it serves
 * @param parentPid the process that this one must not outlive
 */
public record NodeArguments(
    Optional<Path> config,
    Map<String, String> overrides,
    Optional<Path> readyFile,
    Optional<Long> parentPid) {

  private static final Set<String> NAMES =
      Set.of("--config", "--set", "--ready-file", "--parent-pid");

  /**
   * @throws NodeException naming the argument that is wrong
   */
  public static NodeArguments parse(String... args) {
    Optional<Path> config = Optional.empty();
    Map<String, String> overrides = new LinkedHashMap<>();
    Optional<Path> readyFile = Optional.empty();
    Optional<Long> parentPid = Optional.empty();
    for (int i = 0; i < args.length; i++) {
      int equals = args[i].startsWith("--") ? args[i].indexOf('=') : -1;
      String name = equals < 0 ? args[i] : args[i].substring(0, equals);
      if (!NAMES.contains(name)) {
        throw bad(name + ": unknown (expected: --config FILE, --set KEY=VALUE, --ready-file FILE)");
      }
      String value;
      if (equals >= 0) {
        value = args[i].substring(equals + 1);
      } else if (i + 1 < args.length) {
        i++;
        value = args[i];
      } else {
        throw bad(name + ": a value is missing");
      }
      switch (name) {
        case "--config" -> config = Optional.of(Path.of(value));
        case "--set" -> addOverride(overrides, value);
        case "--ready-file" -> readyFile = Optional.of(Path.of(value));
        default -> parentPid = Optional.of(pid(value));
      }
    }
    return new NodeArguments(config, overrides, readyFile, parentPid);
  }

  private static void addOverride(Map<String, String> overrides, String pair) {
    int equals = pair.indexOf('=');
    if (equals <= 0) {
      throw bad("--set: " + pair + " (expected: KEY=VALUE, as in troupe.worker.slots=2)");
    }
    overrides.put(pair.substring(0, equals).strip(), pair.substring(equals + 1).strip());
  }

  private static long pid(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw bad("--parent-pid: " + text + " (expected: a process id)");
    }
  }

  private static NodeException bad(String message) {
    return new NodeException(NodeException.EXIT_BAD_CONFIG, message);
  }
}
