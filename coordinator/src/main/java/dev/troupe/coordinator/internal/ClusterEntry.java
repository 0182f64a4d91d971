package dev.troupe.coordinator.internal;

import dev.troupe.cluster.NodeConfig;
import dev.troupe.cluster.NodeException;
import dev.troupe.cluster.Nodes;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.ActorSystem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a coordinator gets into a cluster. The first of {@code troupe.coordinators}, the only one
 * that could form a new cluster, does so if no other is at work on its journal ({@link Roster}).
 *
 * <pre>
 *   not the first ------------------------> waits until one of the list lets it in
 *   the first, nobody at work ------------> joins, or forms
 *   the first, others at work ------------> waits until one of them lets it in
 *       all of them gone meanwhile -------> joins, or forms
 *       LET_IN is over -------------------> does not start
 * </pre>
 */
final class ClusterEntry {

  private static final Logger LOG = LoggerFactory.getLogger(ClusterEntry.class);

  /** Others at work have let it in by then, or its start has failed. */
  private static final Duration LET_IN = Duration.ofSeconds(50);

  /** Whoever is at work has renewed its row by then; it is no relic of a dead one. */
  private static final Duration SURELY_AT_WORK = Roster.FRESH.plus(Roster.RENEW_EVERY);

  private static final Duration LOOK_EVERY = Duration.ofMillis(500);

  private ClusterEntry() {}

  /**
   * Returns when it has joined, or is about to.
   *
   * @throws NodeException if others are at work that do not let it in, or the journal's database
   *     does not answer
   */
  static void enter(ActorSystem<?> system, NodeConfig config, Optional<Roster> roster)
      throws InterruptedException {
    try {
      boolean couldForm = roster.isPresent() && Nodes.couldForm(system, config);
      if (!couldForm || mayForm(system, config, roster.get())) {
        Nodes.join(system, config);
      }
    } catch (SQLException e) {
      throw new NodeException(
          NodeException.EXIT_FAILED,
          "the journal's database does not answer: " + e.getMessage(),
          e);
    }
  }

  private static boolean mayForm(ActorSystem<?> system, NodeConfig config, Roster roster)
      throws SQLException, InterruptedException {
    List<String> others = roster.claim();
    if (others.isEmpty()) {
      return true;
    }
    LOG.info("{} at work on this journal: waiting to be let in", others);
    Duration limit = Nodes.joinOthers(system, config) ? LET_IN : SURELY_AT_WORK;
    long deadline = System.nanoTime() + limit.toNanos();
    while (!Nodes.isMember(system)) {
      TimeUnit.NANOSECONDS.sleep(LOOK_EVERY.toNanos());
      others = roster.claim();
      if (others.isEmpty()) {
        LOG.info("nobody is at work on this journal any more");
        return true;
      }
      if (System.nanoTime() > deadline) {
        throw new NodeException(
            NodeException.EXIT_FAILED,
            "%s at work on this journal, and did not let this coordinator, %s, in within %d s. Can they reach each other, and do all name the same troupe.coordinators? Another cluster needs a journal of its own"
                .formatted(others, Nodes.address(system), limit.toSeconds()));
      }
    }
    return false;
  }
}
