package dev.troupe.collective.internal;

import dev.troupe.collective.internal.LocalGroup.Place;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The buffers of one operation on all ranks of this host: the result first, then what goes in. One
 * in an arena is used in place by all; any other is staged: copied, a piece a round, through its
 * rank's staging area, where slot {@code (buffer, owner)} holds that owner's piece.
 */
final class Buffers {
  /** The index of the result. */
  static final int RESULT = 0;

  private final Groups groups;
  private final LocalGroup local;
  private final int rank;
  private final List<ByteBuffer> own;
  private final List<Place> places;
  private final int slots;
  private final List<Integer> others;
  private boolean inPlace = true;
  private Layout layout;

  /**
   * @param own this rank's buffers
   * @param most the most buffers that any rank has
   */
  Buffers(Groups groups, LocalGroup local, int rank, List<ByteBuffer> own, int most) {
    this.groups = groups;
    this.local = local;
    this.rank = rank;
    this.own = own;
    this.slots = most;
    this.places = own.stream().map(local::locate).toList();
    this.others = new ArrayList<>(groups.membersWith(rank));
    this.others.remove((Integer) rank);
  }

  /**
   * Collective on this host: tells the others where the buffers are and learns where theirs are.
   *
   * @param from by member, the index of the first buffer that others touch
   * @param to one past the last
   * @return a rank whose operation is another one, or -1
   */
  int publish(int signature, int[] from, int[] to) {
    if (local.size() == 1) {
      return -1;
    }
    local.publish(signature, places);
    local.barrier();
    for (int member = 0; member < local.size(); member++) {
      if (local.signature(member) != signature) {
        return groups.membersWith(rank).get(member);
      }
    }
    for (int member = 0; member < local.size(); member++) {
      for (int index = from[member]; index < to[member]; index++) {
        inPlace &= !local.place(member, index).staged();
      }
    }
    return -1;
  }

  /** Cuts pieces to what the staging area holds, if anything is staged. */
  Layout fit(Layout whole) {
    layout = inPlace ? whole : whole.staged(local.stagingBytes(), slots * whole.owners());
    return layout;
  }

  /** Whether all buffers of this host are within reach of all its ranks. */
  boolean inPlace() {
    return inPlace;
  }

  /** Whether the others reach this rank's buffer only through staging. */
  boolean staged(int index) {
    return !inPlace && places.get(index).staged();
  }

  /** The same of another rank's buffer. */
  boolean staged(int peer, int index) {
    return local.place(local.indexOf(peer), index).staged();
  }

  /** The round's piece of {@code owner}'s slice in a buffer of this rank. */
  ByteBuffer mine(int index, int owner, int round) {
    ByteBuffer buffer = own.get(index);
    int offset = layout.from(owner) + layout.offset(owner, round);
    return Memory.slice(buffer, buffer.position() + offset, layout.bytes(owner, round));
  }

  /** The same of any rank of this host, as this rank reaches it. */
  ByteBuffer of(int peer, int index, int owner, int round) {
    if (peer == rank) {
      return mine(index, owner, round);
    }
    int member = local.indexOf(peer);
    Place place = local.place(member, index);
    if (place.staged()) {
      return slot(peer, index, owner, round);
    }
    int offset = layout.from(owner) + layout.offset(owner, round);
    return local.view(member, place, offset, layout.bytes(owner, round));
  }

  /** Where a rank of this host stages the piece. */
  ByteBuffer slot(int peer, int index, int owner, int round) {
    int number = index * layout.owners() + owner;
    return local.staging(local.indexOf(peer), number * layout.piece(), layout.bytes(owner, round));
  }

  /** Whether this rank handles the slice of {@code owner} for its host. */
  boolean handles(int owner) {
    return agent(owner) == rank;
  }

  /** Who on this host handles the slice of {@code owner}. */
  int agent(int owner) {
    return groups.agent(owner, rank);
  }

  /** Whether this rank's sums are sent to {@code peer}, who takes them for a whole other host. */
  boolean sendsSumsTo(int peer) {
    return !groups.together(peer, rank) && groups.agent(rank, peer) == peer;
  }

  boolean elsewhere(int peer) {
    return !groups.together(peer, rank);
  }

  /** Ranks of this host but this one. */
  List<Integer> others() {
    return others;
  }
}
