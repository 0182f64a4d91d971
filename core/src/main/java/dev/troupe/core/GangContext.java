package dev.troupe.core;

import java.util.Map;
import java.util.Optional;

/**
 * What one rank sees of its gang, for one generation.
 *
 * <pre>{@code
 * long done = gang.resume().map(c -> load(c)).orElse(0L);
 * for (long step = done; step < steps; step++) {
 *   train(step);
 *   gang.endStep(step + 1, sink -> save(sink));
 * }
 * }</pre>
 */
public interface GangContext extends WorkContext {

  int rank();

  int size();

  /**
   * Grows by at least one with each change of membership; stamps and fences all that a rank does.
   */
  long generation();

  Communicator communicator();

  /**
   * The newest checkpoint that is whole, the same on every rank; a damaged one is passed over for
   * the one before, with a line in the log. To be called once by every rank before the first step.
   * Empty on a fresh start.
   */
  Optional<Checkpoint> resume();

  /**
   * Says that this generation goes on from the state after {@code step} steps, which its ranks have
   * found in their {@link #memory}; called by every rank in place of {@link #resume}.
   */
  void resumeAt(long step);

  /**
   * What this process keeps from generation to generation of its gang, by names of the member's
   * choice. It is there until the gang is over or no longer runs here; on a worker that has just
   * joined it is empty. To be used by the member's thread alone.
   */
  Map<String, Object> memory();

  /**
   * Marks {@code step} steps as done. Called by every rank after every step, with the same number.
   * All ranks agree here whether a checkpoint is written now (each {@link #checkpointEvery} steps,
   * or because the gang is about to change) and whether the generation ends.
   *
   * <p>What {@code save} writes is copied, and goes to the store while the next steps run. Once the
   * files of all ranks are durable they are a checkpoint; until then the one before it counts. A
   * store that fails shows as an exception of a later call.
   *
   * @param save writes the state after this step; called only when a checkpoint is due, on every
   *     rank. Files of all ranks make one checkpoint; state that all ranks hold is written by rank
   *     0 alone
   * @throws GenerationEndedException if the gang re-forms here
   */
  void endStep(long step, CheckpointWriter save);

  /**
   * Waits until the checkpoint that is being written, if there is one, counts. Called by every rank
   * behind its last step, if more work follows that should not begin again with training.
   */
  void awaitCheckpoint();

  /** Sets how many steps lie between checkpoints; the same on every rank. The default is 50. */
  void checkpointEvery(long steps);

  /**
   * Tells where this rank's time went since it last told, for the worker's metrics ({@code
   * troupe_training_phase_seconds_total}).
   *
   * @param seconds by name of the part, as in {@code forward}; the same few names always
   */
  default void spent(Map<String, Double> seconds) {}

  /** Writes one rank's part of a checkpoint. */
  @FunctionalInterface
  interface CheckpointWriter {
    void write(CheckpointSink sink) throws Exception;
  }
}
