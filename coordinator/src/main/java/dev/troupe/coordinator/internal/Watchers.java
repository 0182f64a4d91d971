package dev.troupe.coordinator.internal;

import dev.troupe.proto.v1.Job;
import java.util.HashMap;
import java.util.Map;
import org.apache.pekko.actor.typed.ActorRef;

/** Who wants to hear of a job's changes, each for a while. */
final class Watchers {

  /** A watcher that does not ask again by then is forgotten. */
  static final long WATCH_MILLIS = 15_000;

  private static final int MAX_WATCHERS = 1_000;

  private final Map<ActorRef<Job>, Long> until = new HashMap<>();

  /**
   * Takes one in, or keeps one that was here.
   *
   * @return whether it is new
   */
  boolean add(ActorRef<Job> watcher, long now) {
    boolean room = until.containsKey(watcher) || until.size() < MAX_WATCHERS;
    return room && until.put(watcher, now + WATCH_MILLIS) == null;
  }

  boolean isEmpty() {
    return until.isEmpty();
  }

  void dropSilent(long now) {
    until.values().removeIf(end -> end < now);
  }

  void tell(Job job) {
    until.keySet().forEach(w -> w.tell(job));
  }
}
