package dev.troupe.sft.internal;

import dev.troupe.core.BlobRef;
import dev.troupe.core.Checkpoint;
import dev.troupe.core.GangContext;
import dev.troupe.core.Json;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
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
  private State state = new State(List.of());

  /**
   * Around a gang.
   *
   * @param chosen whether the model is exported after a step
   */
  ExportWatch(GangContext gang, Export export, LongPredicate chosen) {
    super(gang);
    this.export = export;
    this.chosen = chosen;
  }

  /** What was exported so far, in order. */
  List<Exported> exports() {
    return state.exports();
  }

  @Override
  public Optional<Checkpoint> resume() {
    Optional<Checkpoint> checkpoint = super.resume();
    become(
        checkpoint
            .filter(c -> c.files().contains(STATE))
            .map(c -> parse(c.read(STATE)))
            .orElse(state));
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
          if (rank() == 0 && !state.exports().isEmpty()) {
            sink.put(STATE, bytes(state));
          }
        });
  }

  /** A second time if the step is one that was resumed from memory. */
  private void export(long step) {
    List<Exported> all = new ArrayList<>(state.exports());
    all.removeIf(before -> before.step() == step);
    if (rank() == 0) {
      all.add(new Exported(step, export.write("step-" + step)));
    }
    // Rank 0 alone knows the files; any rank may be asked for the state later.
    ByteBuffer own = ByteBuffer.wrap(bytes(new State(all)));
    become(parse(RankBytes.broadcast(communicator(), own, 0)));
  }

  private void become(State next) {
    state = next;
    memory().put(STATE, bytes(next));
  }

  private static State parse(ByteBuffer bytes) {
    return Json.read(StandardCharsets.UTF_8.decode(bytes).toString(), State.class);
  }

  private static byte[] bytes(State state) {
    return Json.write(state).getBytes(StandardCharsets.UTF_8);
  }
}
