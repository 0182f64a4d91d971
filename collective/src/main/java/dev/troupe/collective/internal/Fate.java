package dev.troupe.collective.internal;

import dev.troupe.core.GenerationEndedException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * Whether a generation is over for one rank, and why: the first reason given stays. Every wait of
 * the collectives looks here.
 *
 * <p>The other ranks are told before anyone here can see the end: whoever sees it may close the
 * connections or leave the process, and a rank that met the closed connection before the reason
 * would blame the wrong one.
 */
public final class Fate {
  private final long generation;
  private boolean ending;
  private volatile GenerationEndedException ended;
  private volatile Consumer<GenerationEndedException> herald = end -> {};
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  public Fate(long generation) {
    this.generation = generation;
  }

  /** Tells the other ranks of the end before it can be seen here; must not wait for it. */
  void heraldedBy(Consumer<GenerationEndedException> teller) {
    herald = teller;
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
    if (!first(new GenerationEndedException(generation, suspect, reason, cause))) {
      return false;
    }
    listeners.forEach(Runnable::run);
    return true;
  }

  /** Whoever comes second waits until the end can be seen; the herald itself may come back here. */
  private synchronized boolean first(GenerationEndedException end) {
    if (ending) {
      return false;
    }
    ending = true;
    try {
      herald.accept(end);
    } finally {
      ended = end;
    }
    return true;
  }

  public boolean over() {
    return ended != null;
  }

  /** Null while the generation goes on. */
  public GenerationEndedException reason() {
    return ended;
  }

  /** Throws if the generation is over; with the stack of whoever asks. */
  public void check() {
    GenerationEndedException end = ended;
    if (end != null) {
      throw new GenerationEndedException(generation, end.suspect(), end.getMessage(), end);
    }
  }
}
