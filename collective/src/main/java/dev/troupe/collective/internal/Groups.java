package dev.troupe.collective.internal;

import dev.troupe.collective.Membership;
import dev.troupe.collective.Transport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which ranks share memory. Each slice of a buffer has an owner, a rank; towards a slice whose
 * owner is elsewhere, one member of each group is its agent: it sends what the group has and
 * receives the sum for all of the group.
 *
 * @param groups the ranks of each group, ascending; by lowest rank
 * @param groupOf the group of each rank
 */
record Groups(List<List<Integer>> groups, List<Integer> groupOf) {

  static Groups of(Membership membership, Transport transport) {
    Map<String, List<Integer>> byHost = new LinkedHashMap<>();
    for (int rank = 0; rank < membership.size(); rank++) {
      String host = membership.peers().get(rank).hostId();
      String key = transport == Transport.TCP ? "rank " + rank : host;
      byHost.computeIfAbsent(key, k -> new ArrayList<>()).add(rank);
    }
    List<List<Integer>> groups = byHost.values().stream().map(List::copyOf).toList();
    Integer[] groupOf = new Integer[membership.size()];
    for (int group = 0; group < groups.size(); group++) {
      for (int rank : groups.get(group)) {
        groupOf[rank] = group;
      }
    }
    return new Groups(groups, List.of(groupOf));
  }

  /** The ranks that share memory with {@code rank}, itself included. */
  List<Integer> membersWith(int rank) {
    return groups.get(groupOf.get(rank));
  }

  boolean together(int a, int b) {
    return groupOf.get(a).equals(groupOf.get(b));
  }

  /** Who in the group of {@code member} handles the slice of {@code owner}: the owner if there. */
  int agent(int owner, int member) {
    List<Integer> members = membersWith(member);
    return together(owner, member) ? owner : members.get(owner % members.size());
  }
}
