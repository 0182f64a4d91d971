package dev.troupe.cluster.internal;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import dev.troupe.cluster.CoordinatorConfig;
import dev.troupe.cluster.HostPort;
import dev.troupe.cluster.LogConfig;
import dev.troupe.cluster.NodeConfig;
import dev.troupe.cluster.NodeException;
import dev.troupe.cluster.SecurityConfig;
import dev.troupe.cluster.WorkerConfig;
import dev.troupe.core.options.Nearest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Reads the keys of {@code troupe} and gathers all that is wrong with them. */
public final class ConfigKeys {

  private static final String ROOT = "troupe";
  private static final int MAX_PORT = 65535;
  private static final Path DEFAULT_SHARED_MEMORY = Path.of("/dev/shm");

  private final Config config;
  private final List<String> problems = new ArrayList<>();

  private ConfigKeys(Config all) {
    this.config = all.getConfig(ROOT);
  }

  /**
   * Reads and checks.
   *
   * @param given what a user set, to find keys that do not exist
   * @param all with the defaults, resolved
   * @throws NodeException if anything is wrong, one line each
   */
  public static NodeConfig read(Config given, Config all) {
    ConfigKeys keys = new ConfigKeys(all);
    keys.checkNames(given);
    NodeConfig node =
        new NodeConfig(
            keys.text("bind-host"),
            keys.text("advertise-host"),
            keys.port("control-port", 0),
            keys.port("metrics-port", -1),
            keys.coordinators(),
            new StoreKeys(keys).read(),
            keys.log(),
            keys.security(),
            keys.worker(),
            keys.coordinator(),
            all);
    keys.checkHosts(node);
    if (!keys.problems.isEmpty()) {
      throw new NodeException(
          NodeException.EXIT_BAD_CONFIG, String.join(System.lineSeparator(), keys.problems));
    }
    return node;
  }

  private LogConfig log() {
    return new LogConfig(path("log.file"), bytes("log.bytes", 64 << 10), atLeast("log.files", 1));
  }

  private SecurityConfig security() {
    Optional<Path> certificate = file("security.tls.certificate");
    Optional<Path> key = file("security.tls.private-key");
    Optional<Path> trust = file("security.tls.trust");
    boolean any = certificate.isPresent() || key.isPresent() || trust.isPresent();
    boolean all = certificate.isPresent() && key.isPresent() && trust.isPresent();
    if (any && !all) {
      problem(
          "security.tls",
          "only a part is set",
          "certificate, private-key and trust, all three or none");
    }
    Optional<SecurityConfig.Tls> tls =
        all
            ? Optional.of(new SecurityConfig.Tls(certificate.get(), key.get(), trust.get()))
            : Optional.empty();
    if (problems.isEmpty()) { // the files are there
      tls.ifPresent(
          t -> TlsFiles.check(t, (name, what) -> problems.add(ROOT + "." + name + ": " + what)));
    }
    return new SecurityConfig(tls, file("security.token-file"));
  }

  private WorkerConfig worker() {
    String id = text("worker.id");
    if (!id.matches("[A-Za-z0-9._-]{0,63}")) {
      problem("worker.id", id, "at most 63 letters, digits, dots, dashes and underscores");
    }
    Optional<Path> workloads = path("worker.workloads");
    if (workloads.isPresent() && !Files.isDirectory(workloads.get())) {
      problem("worker.workloads", workloads.get(), "a directory of jars; make it, or set \"\"");
    }
    return new WorkerConfig(
        id.isEmpty() ? derivedId() : id,
        atLeast("worker.slots", 0),
        atLeast("worker.driver-slots", 0),
        port("worker.data-port", 0),
        transport(),
        sharedMemory(),
        workloads,
        atLeast("worker.cache-entries", 0),
        duration("worker.stall-timeout"),
        duration("worker.join-timeout"),
        duration("worker.drain-timeout"),
        atLeast("worker.log-buffer-lines", 1));
  }

  private String transport() {
    String transport = text("worker.transport");
    if (!transport.equals("auto") && !transport.equals("tcp")) {
      problem("worker.transport", transport, "auto or tcp");
    }
    return transport;
  }

  /** A system without the default folder does without; one that was chosen must be there. */
  private Path sharedMemory() {
    Path folder = path("worker.shared-memory").orElse(DEFAULT_SHARED_MEMORY).toAbsolutePath();
    if (!folder.equals(DEFAULT_SHARED_MEMORY) && !Files.isDirectory(folder)) {
      problem("worker.shared-memory", folder, "a directory of a memory file system; mount one");
    }
    return folder;
  }

  private CoordinatorConfig coordinator() {
    Duration heartbeatEvery = duration("coordinator.heartbeat-every");
    Duration lostAfter = duration("coordinator.worker-lost-after");
    if (lostAfter.compareTo(heartbeatEvery.multipliedBy(2)) < 0) {
      problem(
          "coordinator.worker-lost-after",
          lostAfter.toMillis() + "ms",
          "at least twice heartbeat-every, " + heartbeatEvery.toMillis() + "ms");
    }
    return new CoordinatorConfig(
        port("coordinator.grpc-port", 0),
        journal(),
        heartbeatEvery,
        lostAfter,
        duration("coordinator.abandon-after"),
        atLeast("coordinator.max-open-jobs", 1),
        atLeast("coordinator.max-ended-jobs", 0),
        atLeast("coordinator.task-attempts", 1),
        atLeast("coordinator.driver-attempts", 1),
        duration("coordinator.retry-backoff"),
        atLeast("coordinator.fruitless-generations", 1),
        bytes("coordinator.log-bytes-per-job", 64 << 10),
        atLeast("coordinator.checkpoints-kept", 1));
  }

  private CoordinatorConfig.Journal journal() {
    String kind = text("coordinator.journal.kind");
    if (kind.equals("postgres")) {
      return new CoordinatorConfig.Postgres(
          text("coordinator.journal.postgres.url"),
          text("coordinator.journal.postgres.user"),
          file("coordinator.journal.postgres.password-file"));
    }
    if (!kind.equals("h2")) {
      problem("coordinator.journal.kind", kind, "h2 or postgres");
    }
    return new CoordinatorConfig.H2(
        path("coordinator.journal.h2.file").orElse(Path.of("troupe-data", "journal", "troupe")));
  }

  private List<HostPort> coordinators() {
    List<HostPort> addresses = new ArrayList<>();
    try {
      for (String text : texts("coordinators")) {
        addresses.add(HostPort.parse(text));
      }
    } catch (IllegalArgumentException e) {
      problems.add(ROOT + ".coordinators: " + e.getMessage());
    } catch (ConfigException e) {
      problem("coordinators", config.getValue("coordinators").render(), "a list of host:port");
    }
    return List.copyOf(addresses);
  }

  /** A list, or one text with commas, as it comes from a command line. */
  private List<String> texts(String key) {
    Object value = config.getValue(key).unwrapped();
    if (value instanceof String text) {
      return text.isBlank() ? List.of() : List.of(text.strip().split("\\s*,\\s*", -1));
    }
    return config.getStringList(key);
  }

  /** Closed by default: only this machine may talk to a node that does not ask who is there. */
  private void checkHosts(NodeConfig node) {
    Optional<InetAddress> bind = resolve("bind-host", node.bindHost());
    Optional<InetAddress> advertised = resolve("advertise-host", node.advertiseHost());
    if (bind.isPresent() && !bind.get().isLoopbackAddress() && !node.security().isClosed()) {
      problems.add(
          "troupe.bind-host: "
              + node.bindHost()
              + " (expected: a loopback address such as 127.0.0.1, unless both TLS and a token are set;"
              + " missing: "
              + missing(node.security())
              + "). Set them, or bind to loopback");
    }
    if (advertised.isPresent() && advertised.get().isAnyLocalAddress()) {
      problem(
          "advertise-host",
          node.advertiseHost(),
          "a name or address by which other nodes reach this host; set it");
    }
  }

  private static String missing(SecurityConfig security) {
    List<String> keys = new ArrayList<>();
    if (security.tls().isEmpty()) {
      keys.add("troupe.security.tls.certificate, .private-key and .trust");
    }
    if (security.tokenFile().isEmpty()) {
      keys.add("troupe.security.token-file");
    }
    return String.join(", and ", keys);
  }

  private Optional<InetAddress> resolve(String key, String host) {
    try {
      return Optional.of(InetAddress.getByName(host.isEmpty() ? "0.0.0.0" : host));
    } catch (UnknownHostException e) {
      problem(key, host, "an address, or a name that this machine can resolve");
      return Optional.empty();
    }
  }

  private void checkNames(Config given) {
    Set<String> known = names(ConfigFactory.defaultReference());
    Set<String> unknown = names(given);
    given.entrySet().forEach(entry -> unknown.add(entry.getKey()));
    unknown.removeIf(key -> known.contains(key) || key.startsWith("pekko."));
    for (String key : unknown) {
      problems.add(
          key
              + ": no such key"
              + Nearest.to(key, known).map(near -> " (did you mean " + near + "?)").orElse("")
              + "; see reference.conf");
    }
  }

  private static Set<String> names(Config config) {
    Set<String> names = new TreeSet<>();
    if (config.hasPath(ROOT)) {
      config.getConfig(ROOT).entrySet().forEach(entry -> names.add(ROOT + "." + entry.getKey()));
    }
    return names;
  }

  String text(String key) {
    return config.getString(key).strip();
  }

  /** Empty if the text is. */
  Optional<Path> path(String key) {
    String text = text(key);
    return text.isEmpty() ? Optional.empty() : Optional.of(Path.of(text));
  }

  /** A path that must be a readable file. */
  Optional<Path> file(String key) {
    Optional<Path> path = path(key);
    if (path.isPresent() && !(Files.isRegularFile(path.get()) && Files.isReadable(path.get()))) {
      problem(key, path.get(), "a file that exists and that this process may read");
    }
    return path;
  }

  private int port(String key, int least) {
    return number(key, least, MAX_PORT, "a port, " + least + " to " + MAX_PORT);
  }

  private int atLeast(String key, int least) {
    return number(key, least, Integer.MAX_VALUE, ">= " + least);
  }

  private int number(String key, int least, int most, String expected) {
    try {
      int value = config.getInt(key);
      if (value >= least && value <= most) {
        return value;
      }
    } catch (ConfigException e) {
      // reported below, with what was expected
    }
    problem(key, config.getValue(key).unwrapped(), expected);
    return least;
  }

  long bytes(String key, long least) {
    try {
      long value = config.getBytes(key);
      if (value >= least) {
        return value;
      }
    } catch (ConfigException e) {
      // reported below, with what was expected
    }
    problem(key, config.getValue(key).unwrapped(), "a size >= " + least + " bytes, as in 64MiB");
    return least;
  }

  Duration duration(String key) {
    try {
      Duration value = config.getDuration(key);
      if (value.compareTo(Duration.ZERO) > 0) {
        return value;
      }
    } catch (ConfigException e) {
      // reported below, with what was expected
    }
    problem(key, config.getValue(key).unwrapped(), "a time > 0, as in 500ms or 60s");
    return Duration.ofSeconds(1);
  }

  void problem(String key, Object value, String expected) {
    problems.add(ROOT + "." + key + ": " + value + " (expected: " + expected + ")");
  }

  private static String derivedId() {
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      host = "worker"; // a machine without a name of its own: the process id tells nodes apart
    }
    String plain = host.replaceAll("[^A-Za-z0-9._-]", "-");
    return plain.substring(0, Math.min(plain.length(), 40)) + "-" + ProcessHandle.current().pid();
  }
}
