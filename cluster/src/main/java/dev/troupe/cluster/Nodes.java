package dev.troupe.cluster;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import dev.troupe.cluster.protocol.Gateway;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.apache.pekko.cluster.typed.JoinSeedNodes;
import org.apache.pekko.remote.RemoteTransportException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts a node's actor system.
 *
 * <p>Coordinators form the Pekko cluster, with a split-brain resolver that keeps the majority of
 * them. A worker has remoting alone: its messages go to a gateway's path, and answers to the {@code
 * ActorRef}s in them, with no membership on its side (docs/decisions.md).
 */
public final class Nodes {

  private static final Logger LOG = LoggerFactory.getLogger(Nodes.class);

  /** What a node's own shut-down tasks may take beyond the worker's {@code drain-timeout}. */
  private static final Duration SHUTDOWN_MARGIN = Duration.ofSeconds(10);

  private Nodes() {}

  /**
   * Starts the actor system {@value Gateway#SYSTEM}; a coordinator is to {@link #join} then. On
   * SIGTERM the system goes through Pekko's coordinated shutdown before the process ends.
   *
   * @param extra configuration over the node's own, such as the journal's; may be empty
   * @throws NodeException if it cannot listen
   */
  public static <T> ActorSystem<T> start(
      Behavior<T> guardian, NodeConfig config, NodeRole role, Config extra) {
    checkPortIsFree(config);
    try {
      return ActorSystem.create(guardian, Gateway.SYSTEM, pekkoConfig(config, role, extra));
    } catch (RemoteTransportException e) {
      throw cannotListen(config, e); // taken between the check and now
    }
  }

  /** As {@link #start(Behavior, NodeConfig, NodeRole, Config)}, with nothing extra. */
  public static <T> ActorSystem<T> start(Behavior<T> guardian, NodeConfig config, NodeRole role) {
    return start(guardian, config, role, ConfigFactory.empty());
  }

  /** Where a started node listens, which tells the port if {@code control-port} is 0. */
  public static HostPort address(ActorSystem<?> system) {
    Address address = system.classicSystem().provider().getDefaultAddress();
    return new HostPort(address.host().get(), (Integer) address.port().get());
  }

  /**
   * Runs the start of a node's {@code main}. A {@link NodeException} becomes one message on
   * standard error and the process's exit code; anything else keeps its stack, and exits with 1.
   */
  @SuppressWarnings("SystemExitOutsideMain") // this is what main does
  public static void main(NodeRole role, Start start) {
    try {
      start.run();
    } catch (NodeException e) {
      System.err.println("troupe " + role.text() + ": " + e.getMessage());
      System.exit(e.exitCode());
    } catch (Exception | Error e) {
      e.printStackTrace();
      System.exit(NodeException.EXIT_FAILED);
    }
  }

  /** What a node's {@code main} does until the node runs by itself. */
  @FunctionalInterface
  public interface Start {
    void run() throws Exception;
  }

  /**
   * A coordinator joins the cluster through {@code troupe.coordinators}; where none answers, the
   * first of the list forms a new one, as does one that is alone in its list. All coordinators name
   * the same list: were each to put itself first, two that start at once would form two.
   */
  public static void join(ActorSystem<?> system, NodeConfig config) {
    Cluster cluster = Cluster.get(system);
    Address self = cluster.selfMember().address();
    List<Address> seeds = seeds(system, config);
    if (seeds.isEmpty() || seeds.equals(List.of(self))) {
      cluster.manager().tell(Join.create(self));
    } else {
      if (!seeds.contains(self)) {
        LOG.warn(
            "troupe.coordinators: {} does not name this coordinator, {}:{} (advertise-host and"
                + " control-port, letter by letter); it waits until one of them lets it in",
            config.coordinators(),
            self.host().get(),
            self.port().get());
      }
      cluster.manager().tell(new JoinSeedNodes(seeds));
    }
  }

  /** Whether it would form a cluster if nobody answered. */
  public static boolean couldForm(ActorSystem<?> system, NodeConfig config) {
    List<Address> seeds = seeds(system, config);
    return seeds.isEmpty() || seeds.get(0).equals(Cluster.get(system).selfMember().address());
  }

  /**
   * As {@link #join}, but it forms no cluster, wherever it stands in the list: it waits until
   * another lets it in, or {@link #join} is called.
   *
   * @return false if the list names no other
   */
  public static boolean joinOthers(ActorSystem<?> system, NodeConfig config) {
    Cluster cluster = Cluster.get(system);
    List<Address> others = new ArrayList<>(seeds(system, config));
    others.remove(cluster.selfMember().address());
    if (!others.isEmpty()) {
      cluster.manager().tell(new JoinSeedNodes(others));
    }
    return !others.isEmpty();
  }

  /** Whether a coordinator is in a cluster. */
  public static boolean isMember(ActorSystem<?> system) {
    return Cluster.get(system).selfMember().status() == MemberStatus.up();
  }

  private static List<Address> seeds(ActorSystem<?> system, NodeConfig config) {
    Address self = Cluster.get(system).selfMember().address();
    return config.coordinators().stream()
        .map(at -> new Address(self.protocol(), self.system(), at.host(), at.port()))
        .toList();
  }

  private static Config pekkoConfig(NodeConfig config, NodeRole role, Config extra) {
    Map<String, Object> values = new LinkedHashMap<>();
    if (role == NodeRole.COORDINATOR) {
      values.put("actor.provider", "cluster");
      values.put("cluster.roles", List.of(role.text()));
      values.put(
          "cluster.downing-provider-class",
          "org.apache.pekko.cluster.sbr.SplitBrainResolverProvider");
      values.put("cluster.split-brain-resolver.active-strategy", "keep-majority");
      values.put("cluster.split-brain-resolver.keep-majority.role", role.text());
    } else {
      values.put("actor.provider", "remote");
      values.put("remote.warn-about-direct-use", "off");
      values.put(
          "coordinated-shutdown.phases.before-service-unbind.timeout",
          config.worker().drainTimeout().plus(SHUTDOWN_MARGIN).toMillis() + "ms");
    }
    config.security().tls().ifPresent(tls -> secure(values, tls));
    Config ours = ConfigFactory.empty();
    for (Map.Entry<String, Object> value : values.entrySet()) {
      ours =
          ours.withValue(
              "pekko." + value.getKey(), ConfigValueFactory.fromAnyRef(value.getValue()));
    }
    Config ofRole =
        ConfigFactory.parseResources(
            Nodes.class.getClassLoader(), "troupe-" + role.text() + ".conf");
    return ours.withFallback(extra).withFallback(ofRole).withFallback(config.raw()).resolve();
  }

  /** Both sides show certificates that the same authority signed, for a name they share. */
  private static void secure(Map<String, Object> values, SecurityConfig.Tls tls) {
    values.put("remote.artery.transport", "tls-tcp");
    values.put(
        "remote.artery.ssl.ssl-engine-provider",
        "org.apache.pekko.remote.artery.tcp.ssl.RotatingKeysSSLEngineProvider");
    String engine = "remote.artery.ssl.rotating-keys-engine.";
    values.put(engine + "cert-file", tls.certificate().toAbsolutePath().toString());
    values.put(engine + "key-file", tls.privateKey().toAbsolutePath().toString());
    values.put(engine + "ca-cert-file", tls.trust().toAbsolutePath().toString());
  }

  /**
   * Pekko would log the error with its stack before it throws; this keeps the common case short.
   */
  private static void checkPortIsFree(NodeConfig config) {
    if (config.controlPort() == 0) {
      return;
    }
    try (ServerSocket probe =
        new ServerSocket(config.controlPort(), 1, InetAddress.getByName(config.bindHost()))) {
      probe.getLocalPort();
    } catch (IOException e) {
      throw cannotListen(config, e);
    }
  }

  private static NodeException cannotListen(NodeConfig config, Exception cause) {
    return new NodeException(
        NodeException.EXIT_FAILED,
        "troupe.control-port: cannot listen on "
            + config.bindHost()
            + ":"
            + config.controlPort()
            + " ("
            + cause.getMessage()
            + "). Another process may have it: stop that one, or set another port",
        cause);
  }
}
