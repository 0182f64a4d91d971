package dev.troupe.dist;

import dev.troupe.cluster.NodeConfig;
import dev.troupe.cluster.NodeLog;
import dev.troupe.cluster.NodeRole;
import dev.troupe.cluster.Nodes;
import dev.troupe.dist.internal.NodeArguments;
import dev.troupe.dist.internal.ParentWatch;
import dev.troupe.dist.internal.ReadyFile;
import dev.troupe.worker.WorkerNode;
import java.util.LinkedHashMap;
import java.util.Map;

/** Runs a worker until it is told to stop; {@link NodeArguments} has the arguments. */
public final class WorkerMain {

  private WorkerMain() {}

  public static void main(String[] args) {
    Nodes.main(NodeRole.WORKER, () -> run(NodeArguments.parse(args)));
  }

  private static void run(NodeArguments arguments) throws InterruptedException {
    arguments.parentPid().ifPresent(ParentWatch::start);
    NodeConfig config = NodeConfig.load(arguments.config(), arguments.overrides());
    NodeLog.start(config.log());
    WorkerNode node = WorkerNode.start(config);
    Map<String, Object> ports = new LinkedHashMap<>();
    ports.put("id", node.workerId());
    ports.put("metricsPort", node.metricsPort());
    ports.put("problems", node.problems());
    ReadyFile.announce("worker", ports, arguments.readyFile());
    node.awaitTermination();
  }
}
