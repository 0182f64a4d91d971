package dev.troupe.coordinator.internal;

import dev.troupe.cluster.protocol.ToJob.MemberOutcome;
import dev.troupe.proto.journal.v1.Member;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** One generation of a gang: its ranks, who of them has met the others, how each has ended. */
final class Generation {

  /** Before the first, and between generations: without ranks. */
  static Generation none(long number) {
    return new Generation(number, List.of());
  }

  private final long number;
  private final List<Member> members;
  private final Set<Integer> met = new HashSet<>();
  private final Map<Integer, MemberOutcome> outcomes = new HashMap<>();

  /**
   * @param members by rank
   */
  Generation(long number, List<Member> members) {
    this.number = number;
    this.members = members;
  }

  long number() {
    return number;
  }

  List<Member> members() {
    return members;
  }

  int size() {
    return members.size();
  }

  Member member(int rank) {
    return members.get(rank);
  }

  /** The rank that has a lease, or -1. */
  int rankOf(String leaseId) {
    return IntStream.range(0, size())
        .filter(rank -> members.get(rank).getLeaseId().equals(leaseId))
        .findFirst()
        .orElse(-1);
  }

  void meet(int rank) {
    met.add(rank);
  }

  void allMet() {
    IntStream.range(0, size()).forEach(met::add);
  }

  boolean haveAllMet() {
    return met.size() == size();
  }

  /** Ranks that have not met the others yet. */
  List<Integer> late() {
    return IntStream.range(0, size()).filter(rank -> !met.contains(rank)).boxed().toList();
  }

  void ended(int rank, MemberOutcome outcome) {
    outcomes.put(rank, outcome);
  }

  boolean hasEnded(int rank) {
    return outcomes.containsKey(rank);
  }

  boolean haveAllEnded() {
    return outcomes.size() == size();
  }

  boolean haveAllReturned() {
    return haveAllEnded()
        && outcomes.values().stream().allMatch(o -> o.kind() == MemberOutcome.Kind.RETURNED);
  }

  /** How rank 0 ended. */
  MemberOutcome first() {
    return outcomes.get(0);
  }
}
