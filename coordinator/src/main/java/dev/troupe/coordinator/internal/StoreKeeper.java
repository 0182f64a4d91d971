package dev.troupe.coordinator.internal;

import dev.troupe.cluster.protocol.CborMessage;
import dev.troupe.store.BlobStore;
import dev.troupe.store.GcReport;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Collects the blobs that no job needs, every so often: a cluster singleton. Rounds run on a thread
 * of {@code executor}; one that overlaps with another coordinator's, while the singleton moves,
 * does no harm.
 */
final class StoreKeeper extends AbstractBehavior<StoreKeeper.Command> {

  private static final Logger LOG = LoggerFactory.getLogger(StoreKeeper.class);

  sealed interface Command extends CborMessage {}

  private enum Next implements Command {
    NOW
  }

  private record Done(GcReport report, String failure) implements Command {}

  /** One round of collecting. */
  @FunctionalInterface
  interface Round {
    GcReport run();
  }

  /** A coordinator that is often started anew must get to it, too. */
  private static final Duration FIRST = Duration.ofMinutes(1);

  /** What one round has left over is not put off for long. */
  private static final Duration SOON = Duration.ofSeconds(10);

  private final Duration every;
  private final Round round;
  private final Executor executor;
  private final CoordinatorMetrics metrics;

  static Behavior<Command> create(
      Duration every, Round round, Executor executor, CoordinatorMetrics metrics) {
    return Behaviors.setup(ctx -> new StoreKeeper(ctx, every, round, executor, metrics));
  }

  private StoreKeeper(
      ActorContext<Command> ctx,
      Duration every,
      Round round,
      Executor executor,
      CoordinatorMetrics metrics) {
    super(ctx);
    this.every = every;
    this.round = round;
    this.executor = executor;
    this.metrics = metrics;
    next(shorter(every, FIRST));
  }

  /**
   * The round of a coordinator: looks whose the store is, then collects.
   *
   * @param olderThan {@code troupe.store.collect-after}
   */
  static Round round(Journal journal, BlobStore blobs, int checkpointsKept, Duration olderThan) {
    return () -> {
      String owner = blobs.claim(journal.id());
      if (!owner.equals(journal.id())) {
        throw new IllegalStateException(
            "the store belongs to the journal "
                + owner
                + ", this one is "
                + journal.id()
                + ": give each cluster a store of its own, or, if that journal is gone for good,"
                + " delete 'cluster-id' in the store");
      }
      return blobs.collect(() -> JournalReferences.read(journal, checkpointsKept), olderThan);
    };
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Next.class, m -> onNext())
        .onMessage(Done.class, this::onDone)
        .build();
  }

  private void next(Duration after) {
    getContext().scheduleOnce(after, getContext().getSelf(), Next.NOW);
  }

  private Behavior<Command> onNext() {
    var self = getContext().getSelf();
    executor.execute(
        () -> {
          try {
            self.tell(new Done(round.run(), null));
          } catch (RuntimeException e) {
            self.tell(new Done(null, e.getMessage() == null ? e.toString() : e.getMessage()));
          }
        });
    return this;
  }

  private Behavior<Command> onDone(Done done) {
    GcReport report = done.report();
    if (report == null) {
      metrics.collectionFailed();
      LOG.warn("No blobs were collected: {}", done.failure());
      next(every);
      return this;
    }
    metrics.collected(report.removed(), report.bytesFreed());
    if (report.trashed() + report.restored() + report.removed() > 0) {
      LOG.info(
          "Blobs collected: {} to the trash, {} back from it, {} deleted ({} bytes); {} kept",
          report.trashed(),
          report.restored(),
          report.removed(),
          report.bytesFreed(),
          report.kept());
    }
    next(report.more() ? shorter(every, SOON) : every);
    return this;
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
