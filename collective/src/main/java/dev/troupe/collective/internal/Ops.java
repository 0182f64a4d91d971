package dev.troupe.collective.internal;

/**
 * How far one rank has come: the number of operations it has entered, and the name of the newest.
 * Written by the rank's own thread, read by whoever answers for it.
 */
final class Ops {
  // One thread writes, so reading and writing need not be one step.
  private volatile long entered;
  private volatile String name = "join";
  private volatile boolean inside = true;

  /** Enters the next operation and names it: {@code all-reduce #118}. */
  long enter(String kind) {
    long next = entered + 1;
    name = kind + " #" + next;
    inside = true;
    entered = next;
    return next;
  }

  void leave() {
    inside = false;
  }

  long entered() {
    return entered;
  }

  String name() {
    return name;
  }

  /** For messages: {@code in all-reduce #118} or {@code after all-reduce #118}. */
  String place() {
    return (inside ? "in " : "after ") + name;
  }
}
