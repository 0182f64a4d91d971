package dev.troupe.dist;

import dev.troupe.cluster.NodeConfig;
import dev.troupe.cluster.NodeLog;
import dev.troupe.cluster.NodeRole;
import dev.troupe.cluster.Nodes;
import dev.troupe.coordinator.CoordinatorNode;
import dev.troupe.dist.internal.NodeArguments;
import dev.troupe.dist.internal.ParentWatch;
import dev.troupe.dist.internal.ReadyFile;
import java.util.LinkedHashMap;
import java.util.Map;

/** Runs a coordinator until it is told to stop; {@link NodeArguments} has the arguments. */
public final class CoordinatorMain {

  private CoordinatorMain() {}

  public static void main(String[] args) {
    Nodes.main(NodeRole.COORDINATOR, () -> run(NodeArguments.parse(args)));
  }

  private static void run(NodeArguments arguments) throws InterruptedException {
    arguments.parentPid().ifPresent(ParentWatch::start);
    NodeConfig config = NodeConfig.load(arguments.config(), arguments.overrides());
    NodeLog.start(config.log());
    CoordinatorNode node = CoordinatorNode.start(config);
    Map<String, Object> ports = new LinkedHashMap<>();
    ports.put("grpcPort", node.grpcPort());
    ports.put("controlPort", node.controlPort());
    ports.put("metricsPort", node.metricsPort());
    ReadyFile.announce("coordinator", ports, arguments.readyFile());
    node.awaitStopped();
  }
}
