package dev.troupe.cluster;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import dev.troupe.cluster.internal.ConfigKeys;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A node's configuration: the keys of {@code troupe}, typed and checked, and all of it as Pekko
 * wants it. What each key means stands beside its default in {@code reference.conf}.
 *
 * @param coordinators Artery addresses of the coordinators
 * @param raw everything, resolved
 */
public record NodeConfig(
    String bindHost,
    String advertiseHost,
    int controlPort,
    int metricsPort,
    List<HostPort> coordinators,
    StoreConfig store,
    LogConfig log,
    SecurityConfig security,
    WorkerConfig worker,
    CoordinatorConfig coordinator,
    Config raw) {

  /**
   * Reads a node's configuration: system properties, over {@code overrides}, over {@code file},
   * over the defaults.
   *
   * @param file HOCON, such as {@code conf/worker.conf}
   * @param overrides full keys and their values as text, as in {@code troupe.worker.slots=2}
   * @throws NodeException if it is not valid; the message names each key that is wrong, its value,
   *     what was expected and what to do
   */
  public static NodeConfig load(Optional<Path> file, Map<String, String> overrides) {
    Config given = ConfigFactory.parseMap(overrides, "command line");
    try {
      if (file.isPresent()) {
        if (!Files.isReadable(file.get()) || Files.isDirectory(file.get())) {
          throw bad(
              "--config: "
                  + file.get()
                  + (Files.isDirectory(file.get())
                      ? " is a folder"
                      : Files.exists(file.get()) ? " cannot be read" : " does not exist")
                  + " (expected: a configuration file, such as conf/worker.conf)");
        }
        given = given.withFallback(ConfigFactory.parseFile(file.get().toFile()));
      }
      return of(given);
    } catch (ConfigException e) {
      throw new NodeException(NodeException.EXIT_BAD_CONFIG, "configuration: " + e.getMessage(), e);
    }
  }

  /**
   * As {@link #load}, over the defaults alone.
   *
   * @throws NodeException as {@link #load}
   */
  public static NodeConfig of(Config given) {
    Config node =
        ConfigFactory.parseResources(NodeConfig.class.getClassLoader(), "troupe-node.conf");
    return ConfigKeys.read(given, ConfigFactory.load(given.withFallback(node)));
  }

  private static NodeException bad(String message) {
    return new NodeException(NodeException.EXIT_BAD_CONFIG, message);
  }
}
