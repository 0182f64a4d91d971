package dev.troupe.sft.internal;

import dev.troupe.core.BlobRef;
import dev.troupe.core.Checkpoint;
import dev.troupe.core.GangContext;
import dev.troupe.core.Json;
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
  private List<Exported> exports = List.of();

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

  /** What was exported so far, in order; on rank 0 alone. */
  List<Exported> exports() {
    return exports;
  }

  @Override
  public Optional<Checkpoint> resume() {
    Optional<Checkpoint> checkpoint = super.resume();
    checkpoint
        .filter(c -> c.files().contains(STATE))
        .map(c -> StandardCharsets.UTF_8.decode(c.read(STATE)).toString())
        .ifPresent(json -> exports = Json.read(json, State.class).exports());
    return checkpoint;
  }

  @Override
  public void endStep(long step, CheckpointWriter save) {
    if (rank() == 0 && chosen.test(step)) {
      List<Exported> all = new ArrayList<>(exports);
      all.add(new Exported(step, export.write("step-" + step)));
      exports = List.copyOf(all);
    }
    super.endStep(
        step,
        sink -> {
          save.write(sink);
          if (rank() == 0 && !exports.isEmpty()) {
            sink.put(STATE, Json.write(new State(exports)).getBytes(StandardCharsets.UTF_8));
          }
        });
  }
}
