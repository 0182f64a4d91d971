package dev.troupe.coordinator.internal;

import dev.troupe.cluster.protocol.FromCoordinator.Outcome;
import dev.troupe.cluster.protocol.Limits;
import dev.troupe.proto.journal.v1.GangEnded;
import dev.troupe.proto.journal.v1.TaskResult;
import java.util.ArrayList;
import java.util.List;

/** Results as the driver gets them. */
final class Outcomes {

  /** What an outcome adds to a message beside its texts. */
  private static final int HEADER = 60;

  private Outcomes() {}

  static Outcome of(TaskResult r) {
    return new Outcome(
        r.getKey(),
        r.hasError() ? null : r.hasResult() ? Convert.payload(r.getResult()) : null,
        r.hasError() ? Convert.error(r.getError()) : null);
  }

  static Outcome of(GangEnded ended) {
    return new Outcome(
        ended.getKey(),
        ended.hasResult() ? Convert.payload(ended.getResult()) : null,
        ended.hasError() ? Convert.error(ended.getError()) : null);
  }

  /** Cut into lists that each fit a message. */
  static List<List<Outcome>> batches(List<TaskResult> results) {
    List<List<Outcome>> batches = new ArrayList<>();
    List<Outcome> batch = new ArrayList<>();
    int bytes = 0;
    for (TaskResult result : results) {
      Outcome outcome = of(result);
      int size = sizeOf(outcome);
      if (!batch.isEmpty()
          && (batch.size() == Limits.MAX_BATCH || bytes + size > Limits.MAX_MESSAGE_BYTES)) {
        batches.add(batch);
        batch = new ArrayList<>();
        bytes = 0;
      }
      batch.add(outcome);
      bytes += size;
    }
    if (!batch.isEmpty()) {
      batches.add(batch);
    }
    return batches;
  }

  private static int sizeOf(Outcome o) {
    return o.key().length()
        + HEADER
        + (o.result() == null ? 0 : o.result().inlineBytes())
        + (o.error() == null ? 0 : o.error().message().length() + o.error().stack().length());
  }
}
