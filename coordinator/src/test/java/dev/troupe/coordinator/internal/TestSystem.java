package dev.troupe.coordinator.internal;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.troupe.cluster.Metrics;
import dev.troupe.cluster.NodeConfig;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.persistence.testkit.PersistenceTestKitPlugin;
import org.apache.pekko.persistence.testkit.PersistenceTestKitSnapshotPlugin;
import org.apache.pekko.persistence.testkit.javadsl.PersistenceTestKit;

/** An actor system with a journal in memory that can be told to fail, and metrics for nobody. */
final class TestSystem implements AutoCloseable {

  final ActorTestKit kit;
  final PersistenceTestKit journal;
  final CoordinatorMetrics metrics;
  private final Metrics registry;

  TestSystem() {
    Config ours =
        ConfigFactory.parseString("pekko.actor.provider = local, troupe.metrics-port = -1");
    NodeConfig node = NodeConfig.of(ours);
    kit =
        ActorTestKit.create(
            PersistenceTestKitPlugin.config()
                .withFallback(PersistenceTestKitSnapshotPlugin.config())
                .withFallback(ours)
                .withFallback(ConfigFactory.parseResources("troupe-coordinator.conf"))
                .withFallback(node.raw())
                .resolve());
    journal = PersistenceTestKit.create(kit.system());
    registry = Metrics.start(node);
    metrics = new CoordinatorMetrics(registry);
  }

  @Override
  public void close() {
    kit.shutdownTestKit();
    registry.close();
  }
}
