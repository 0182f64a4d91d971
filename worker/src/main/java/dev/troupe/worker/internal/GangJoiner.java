package dev.troupe.worker.internal;

import dev.troupe.cluster.protocol.Peer;
import dev.troupe.core.Communicator;
import java.util.List;

/** Makes ranks part of a generation; see {@link dev.troupe.collective.Collectives}. */
public interface GangJoiner {

  /**
   * Returns when all ranks have met.
   *
   * @param gang the same on all ranks
   * @throws dev.troupe.core.GenerationEndedException if they do not meet in time, the generation
   *     was ended, or the thread was interrupted
   */
  Communicator join(String gang, long generation, int rank, List<Peer> peers);

  /** Ends all generations of a gang up to this one. */
  void end(String gang, long generation, String reason);
}
