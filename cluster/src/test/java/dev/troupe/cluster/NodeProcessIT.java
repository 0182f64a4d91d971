package dev.troupe.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.Done;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A node as a process of its own: how it starts, fails to start, and stops. */
@Timeout(120)
class NodeProcessIT {

  /** A worker without work: {@code control-port} is its argument. */
  static final class EmptyNode {
    public static void main(String[] args) {
      Nodes.main(
          NodeRole.WORKER,
          () -> {
            NodeConfig config =
                NodeConfig.load(Optional.empty(), Map.of("troupe.control-port", args[0]));
            ActorSystem<Void> system = Nodes.start(Behaviors.empty(), config, NodeRole.WORKER);
            CoordinatedShutdown.get(system)
                .addTask(
                    CoordinatedShutdown.PhaseBeforeServiceUnbind(),
                    "drain",
                    () -> {
                      System.out.println("drained");
                      return CompletableFuture.completedFuture(Done.getInstance());
                    });
            System.out.println("up");
          });
    }
  }

  private static Process start(String controlPort) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.add("-XX:+UseSerialGC");
    command.add("-Xmx128m");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(EmptyNode.class.getName());
    command.add(controlPort);
    return new ProcessBuilder(command).start();
  }

  private static String read(InputStream stream) throws IOException {
    return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
  }

  @Test
  void sigtermGoesThroughCoordinatedShutdown() throws Exception {
    Process node = start("0");
    try (BufferedReader out = node.inputReader(StandardCharsets.UTF_8)) {
      assertThat(out.readLine()).isEqualTo("up");
      node.toHandle().destroy(); // SIGTERM; Process.destroy would close the pipe as well
      assertThat(out.readLine()).isEqualTo("drained");
      assertThat(node.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(node.exitValue()).isEqualTo(128 + 15);
    } finally {
      node.destroyForcibly();
    }
  }

  @Test
  void aTakenPortIsOneLineAndExitCodeOne() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Process node = start("" + taken.getLocalPort());
      assertThat(read(node.getErrorStream()).lines())
          .singleElement()
          .asString()
          .startsWith(
              "troupe worker: troupe.control-port: cannot listen on 127.0.0.1:"
                  + taken.getLocalPort());
      assertThat(node.waitFor()).isEqualTo(NodeException.EXIT_FAILED);
    }
  }

  @Test
  void aBadConfigurationIsOneLineAndExitCodeTwo() throws Exception {
    Process node = start("many");
    assertThat(read(node.getErrorStream()))
        .isEqualToIgnoringNewLines(
            "troupe worker: troupe.control-port: many (expected: a port, 0 to 65535)");
    assertThat(node.waitFor()).isEqualTo(NodeException.EXIT_BAD_CONFIG);
  }
}
