package dev.troupe.worker.internal;

import dev.troupe.cluster.protocol.FromCoordinator.CheckpointInfo;
import dev.troupe.cluster.protocol.FromCoordinator.StartMember;
import dev.troupe.cluster.protocol.ToJob;
import dev.troupe.core.BlobRef;
import dev.troupe.core.Checkpoint;
import dev.troupe.core.Communicator;
import dev.troupe.core.GangContext;
import dev.troupe.core.GenerationEndedException;
import dev.troupe.core.StoreException;
import dev.troupe.store.CheckpointManifest;
import dev.troupe.store.Checkpoints;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Supplier;

/**
 * One rank's view of one generation.
 *
 * <p>Rank 0 decides at each step what happens there and tells the others in 16 bytes: go on, write
 * a checkpoint, or write one and end. So all ranks do the same at the same step, whenever the wish
 * to pause reached rank 0.
 *
 * <p>A checkpoint is written behind the next steps. At the end of each, ranks tell whether their
 * files are durable; when those of all are, rank 0 makes them the newest checkpoint.
 */
final class GangRankContext extends BaseContext implements GangContext {

  private static final long DEFAULT_CHECKPOINT_EVERY = 50;
  private static final long CONTINUE = 0;
  private static final long CHECKPOINT = 1;
  private static final long CHECKPOINT_AND_END = 2;

  private final Services services;
  private final StartMember order;
  private final Map<String, Object> memory;
  private final Supplier<String> pauseReason;
  private final ByteBuffer word = direct(2 * Long.BYTES);
  private final ByteBuffer written;
  private final CheckpointWriting writing;
  private Communicator communicator;
  private long checkpointEvery = DEFAULT_CHECKPOINT_EVERY;
  private long stepEndedAt;
  private volatile long step;
  private volatile boolean paused;

  /**
   * @param memory what the gang keeps in this slot from generation to generation
   * @param pauseReason why the generation is to end at the next step, or null; asked on rank 0
   */
  GangRankContext(
      Services services,
      StartMember order,
      String source,
      Map<String, Object> memory,
      Supplier<String> pauseReason) {
    super(services, order.lease().jobId(), order.workload(), source);
    this.services = services;
    this.order = order;
    this.memory = memory;
    this.pauseReason = pauseReason;
    written = direct(order.peers().size());
    writing = new CheckpointWriting(services.store(), source);
    // Until the ranks have agreed on a checkpoint to go on from, it is most likely the newest.
    this.step = order.checkpoints().isEmpty() ? -1 : order.checkpoints().get(0).step();
  }

  void begin(Communicator joined) {
    communicator = joined;
    stepEndedAt = System.nanoTime();
  }

  /** Steps done; -1 if unknown. */
  long step() {
    return step;
  }

  /** Whether the generation ended at a step, with a checkpoint. */
  boolean paused() {
    return paused;
  }

  @Override
  public int rank() {
    return order.rank();
  }

  @Override
  public int size() {
    return order.peers().size();
  }

  @Override
  public long generation() {
    return order.generation();
  }

  @Override
  public Communicator communicator() {
    return communicator;
  }

  @Override
  public void checkpointEvery(long steps) {
    if (steps < 1) {
      throw new IllegalArgumentException("checkpointEvery: " + steps + " (expected: > 0)");
    }
    checkpointEvery = steps;
  }

  @Override
  public Optional<Checkpoint> resume() {
    List<CheckpointInfo> candidates = order.checkpoints();
    Checkpoint checkpoint = null;
    int chosen = 0;
    if (rank() == 0) {
      while (chosen < candidates.size() && checkpoint == null) {
        checkpoint = openIfWhole(candidates.get(chosen));
        chosen += checkpoint == null ? 1 : 0;
      }
    }
    chosen = (int) fromRankZero(chosen, 0)[0];
    stepEndedAt = System.nanoTime();
    if (chosen == candidates.size()) {
      step = 0;
      return Optional.empty();
    }
    if (checkpoint == null) {
      checkpoint = Checkpoints.open(store(), candidates.get(chosen).manifest());
    }
    step = checkpoint.step();
    if (rank() == 0) {
      log().info("generation {}, {} ranks: goes on from step {}", generation(), size(), step);
    }
    return Optional.of(checkpoint);
  }

  @Override
  public void resumeAt(long done) {
    step = done;
    stepEndedAt = System.nanoTime();
    if (rank() == 0) {
      log()
          .info(
              "generation {}, {} ranks: goes on from step {}, held in memory",
              generation(),
              size(),
              step);
    }
  }

  @Override
  public Map<String, Object> memory() {
    return memory;
  }

  /** Null if it is damaged. */
  private Checkpoint openIfWhole(CheckpointInfo candidate) {
    try {
      return Checkpoints.open(store(), candidate.manifest());
    } catch (StoreException e) {
      log()
          .warn(
              "the checkpoint of step {} is damaged, the one before it is taken: {}",
              candidate.step(),
              e.getMessage());
      return null;
    }
  }

  @Override
  public void endStep(long done, CheckpointWriter save) {
    long[] decision = fromRankZero(rank() == 0 ? decide(done) : 0, done);
    if (decision[1] != done) {
      throw new IllegalStateException(
          "rank %d ends step %d, rank 0 step %d (expected: the same on every rank)"
              .formatted(rank(), done, decision[1]));
    }
    long now = System.nanoTime();
    if (done > step) { // not the end of a step that an earlier generation has done
      services.metrics().stepEnded((now - stepEndedAt) / 1e9, communicator);
    }
    step = done;
    stepEndedAt = now;
    if (writing.isUnderWay() && (decision[0] != CONTINUE || isWrittenByAll())) {
      finishCheckpoint();
    }
    if (decision[0] != CONTINUE) {
      writing.begin(done, save);
    }
    if (decision[0] == CHECKPOINT_AND_END) {
      finishCheckpoint();
      paused = true;
      throw new GenerationEndedException(generation(), "the gang re-forms after step " + done);
    }
    stepEndedAt = System.nanoTime();
  }

  @Override
  public void spent(Map<String, Double> seconds) {
    services.metrics().spent(order.workload(), seconds);
  }

  @Override
  public void awaitCheckpoint() {
    if (writing.isUnderWay()) {
      finishCheckpoint();
    }
  }

  private boolean isWrittenByAll() {
    written.put(rank(), (byte) (writing.isWritten() ? 1 : 0));
    communicator.allGather(written, 1);
    for (int rank = 0; rank < size(); rank++) {
      if (written.get(rank) == 0) {
        return false;
      }
    }
    return true;
  }

  private long decide(long done) {
    if (pauseReason.get() != null) {
      return CHECKPOINT_AND_END;
    }
    return done % checkpointEvery == 0 ? CHECKPOINT : CONTINUE;
  }

  private void finishCheckpoint() {
    SortedMap<String, BlobRef> all = new FileLists(communicator).gather(writing.finish());
    if (rank() == 0) {
      long done = writing.step();
      BlobRef manifest = Checkpoints.save(store(), new CheckpointManifest(done, generation(), all));
      long bytes = all.values().stream().mapToLong(BlobRef::bytes).sum();
      double seconds = writing.seconds();
      services.metrics().checkpointWritten(bytes, seconds);
      services
          .outbox()
          .force(
              jobId(),
              new ToJob.CheckpointWritten(
                  order.gangKey(), generation(), done, manifest, bytes, seconds),
              () -> {});
    }
  }

  @Override
  public void close() {
    writing.close();
    super.close();
  }

  private long[] fromRankZero(long first, long second) {
    word.clear();
    word.putLong(first).putLong(second).flip();
    communicator.broadcast(word, 0);
    return new long[] {word.getLong(0), word.getLong(Long.BYTES)};
  }

  static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }
}
