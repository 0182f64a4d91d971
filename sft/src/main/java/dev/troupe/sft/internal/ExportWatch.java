package dev.troupe.sft.internal;

import dev.troupe.core.BlobRef;
import dev.troupe.core.Checkpoint;
import dev.troupe.core.GangContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongPredicate;

/**
 * A gang in which the model is exported after chosen steps, as {@code step-N}. What was exported is
 * part of each checkpoint, so that an interruption forgets none.
 */
public final class ExportWatch extends ForwardingGang {

  private static final String STATE = "exports.json";

  /**
   * An export.
   *
   * @param files of the folder, by name
   */
  public record Exported(long step, Map<String, BlobRef> files) {}

  private record State(List<Exported> exports) {}

  private final Export export;
  private final LongPredicate chosen;
  private final SharedState<State> state;

  /**
   * Around a gang.
   *
   * @param chosen whether the model is exported after a step
   */
  ExportWatch(GangContext gang, Export export, LongPredicate chosen) {
    super(gang);
    this.export = export;
    this.chosen = chosen;
    state = new SharedState<>(gang, STATE, new State(List.of()), State.class);
  }

  /** What was exported so far, in order. */
  List<Exported> exports() {
    return state.get().exports();
  }

  @Override
  public Optional<Checkpoint> resume() {
    Optional<Checkpoint> checkpoint = super.resume();
    state.resume(checkpoint);
    return checkpoint;
  }

  @Override
  public void endStep(long step, CheckpointWriter save) {
    if (chosen.test(step)) {
      export(step);
    }
    super.endStep(
        step,
        sink -> {
          save.write(sink);
          state.save(sink);
        });
  }

  /** A second time if the step is one that was resumed from memory. */
  private void export(long step) {
    List<Exported> all = new ArrayList<>(exports());
    all.removeIf(before -> before.step() == step);
    if (rank() == 0) {
      all.add(new Exported(step, export.write("step-" + step)));
    }
    state.share(new State(all));
  }
}
