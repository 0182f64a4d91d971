package dev.troupe.sft.internal;

import dev.troupe.core.BlobRef;
import dev.troupe.core.Checkpoint;
import dev.troupe.core.GangContext;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A gang of one rank in which a trainer goes through a part of its plan alone: it starts from a
 * snapshot in place of nothing, and ends at a given step with another.
 */
final class SegmentGang extends ForwardingGang {

  /** Takes the trainer out of its loop; not an error. */
  static final class Ended extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Snapshot snapshot;

    private Ended(Snapshot snapshot) {
      super("the segment ends at step " + snapshot.step(), null, false, false);
      this.snapshot = snapshot;
    }

    Snapshot snapshot() {
      return snapshot;
    }
  }

  private final Optional<Snapshot> from;
  private final long until;

  SegmentGang(GangContext gang, Optional<Snapshot> from, long until) {
    super(gang);
    if (gang.size() != 1) {
      throw new IllegalArgumentException("gang: " + gang.size() + " ranks (expected: 1)");
    }
    this.from = from;
    this.until = until;
  }

  @Override
  public Optional<Checkpoint> resume() {
    Optional<Checkpoint> own = super.resume();
    return own.isPresent() ? own : from.map(snapshot -> snapshot.in(store()));
  }

  /**
   * Throws at the segment's end.
   *
   * @throws Ended with the state there
   */
  @Override
  public void endStep(long step, CheckpointWriter save) {
    if (step < until) {
      super.endStep(step, save);
      return;
    }
    Map<String, BlobRef> files = new TreeMap<>();
    try {
      save.write((file, content) -> files.put(file, store().put(content)));
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("the state of step " + step + " cannot be saved", e);
    }
    throw new Ended(new Snapshot(step, files));
  }
}
