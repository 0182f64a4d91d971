package dev.troupe.collective.internal;

import dev.troupe.core.GenerationEndedException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Whether a generation is over for one rank, and why: the first reason given stays. Every wait of
 * the collectives looks here.
 */
public final class Fate {
  private final long generation;
  private final AtomicReference<GenerationEndedException> ended = new AtomicReference<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  public Fate(long generation) {
    this.generation = generation;
  }

  /** Runs at the end, on the thread that brings it about, or now if it has come. */
  public void onEnd(Runnable listener) {
    listeners.add(listener);
    if (over()) {
      listener.run();
    }
  }

  /** Ends the generation unless it is over; true for the call that did. */
  public boolean end(int suspect, String reason, Throwable cause) {
    var end = new GenerationEndedException(generation, suspect, reason, cause);
    if (!ended.compareAndSet(null, end)) {
      return false;
    }
    listeners.forEach(Runnable::run);
    return true;
  }

  public boolean over() {
    return ended.get() != null;
  }

  /** Null while the generation goes on. */
  public GenerationEndedException reason() {
    return ended.get();
  }

  /** Throws if the generation is over; with the stack of whoever asks. */
  public void check() {
    GenerationEndedException end = ended.get();
    if (end != null) {
      throw new GenerationEndedException(generation, end.suspect(), end.getMessage(), end);
    }
  }
}
