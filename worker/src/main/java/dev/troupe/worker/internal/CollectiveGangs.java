package dev.troupe.worker.internal;

import dev.troupe.cluster.protocol.Peer;
import dev.troupe.collective.Collectives;
import dev.troupe.collective.Membership;
import dev.troupe.core.Communicator;
import java.util.List;

/** The real thing: ranks meet by the collectives of their workers. */
public record CollectiveGangs(Collectives collectives) implements GangJoiner {

  @Override
  public Communicator join(String gang, long generation, int rank, List<Peer> peers) {
    List<dev.troupe.collective.Peer> ranks =
        peers.stream()
            .map(
                p ->
                    new dev.troupe.collective.Peer(
                        p.workerId(), p.host(), p.dataPort(), p.hostId()))
            .toList();
    return collectives.join(new Membership(gang, generation, rank, ranks));
  }

  @Override
  public void end(String gang, long generation, String reason) {
    collectives.end(gang, generation, reason);
  }
}
