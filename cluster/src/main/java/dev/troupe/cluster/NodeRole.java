package dev.troupe.cluster;

import java.util.Locale;

/** What a node does. */
public enum NodeRole {
  /** A member of the Pekko cluster: front door, job entities, scheduler. */
  COORDINATOR,
  /** A client of it, that runs drivers, tasks and ranks. */
  WORKER;

  /** As in messages, and as Pekko's cluster role. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
