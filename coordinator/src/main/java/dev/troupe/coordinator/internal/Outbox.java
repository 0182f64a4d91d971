package dev.troupe.coordinator.internal;

import dev.troupe.proto.journal.v1.JobEvent;
import java.util.ArrayList;
import java.util.List;

/**
 * What a message to a job leads to: events to journal, and what is done once they are journaled.
 */
final class Outbox {

  private final long at = System.currentTimeMillis();
  private final List<JobEvent> events = new ArrayList<>();
  private final List<Runnable> after = new ArrayList<>();

  JobEvent.Builder event() {
    return JobEvent.newBuilder().setAt(at);
  }

  void journal(JobEvent.Builder event) {
    events.add(event.build());
  }

  void then(Runnable action) {
    after.add(action);
  }

  List<JobEvent> events() {
    return events;
  }

  void runAfter() {
    after.forEach(Runnable::run);
  }
}
