package dev.troupe.coordinator.internal;

import dev.troupe.proto.journal.v1.Member;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The leases of a gang: slots at hand, which of them are on workers that drain, and leases that a
 * restarted entity counts on without having heard of them yet.
 */
final class GangSlots {

  private final String request;
  private final JobPort port;

  /** In the order in which they came; includes those of ranks that run. */
  private final Map<String, Slot> atHand = new LinkedHashMap<>();

  private final Set<String> draining = new HashSet<>();
  private final Map<String, Member> expected = new LinkedHashMap<>();

  GangSlots(String gangKey, JobPort port) {
    this.request = Wants.gang(gangKey);
    this.port = port;
  }

  /** Ranks that ran before the entity was restarted. */
  void expect(List<Member> members) {
    members.forEach(m -> expected.put(m.getLeaseId(), m));
  }

  boolean isExpecting() {
    return !expected.isEmpty();
  }

  boolean isExpected(String leaseId) {
    return expected.containsKey(leaseId);
  }

  boolean knows(String leaseId) {
    return atHand.containsKey(leaseId) || expected.containsKey(leaseId);
  }

  /** The slot of a lease at hand, or null. */
  Slot get(String leaseId) {
    return atHand.get(leaseId);
  }

  /** Slots at hand of these members. */
  List<Slot> of(List<Member> members) {
    List<Slot> slots = new ArrayList<>();
    for (Member m : members) {
      Slot slot = atHand.get(m.getLeaseId());
      if (slot != null) {
        slots.add(slot);
      }
    }
    return slots;
  }

  /** The first so many, as members of a generation. */
  List<Member> first(int count) {
    return atHand.values().stream().limit(count).map(Convert::member).toList();
  }

  int size() {
    return atHand.size();
  }

  /** How many are on workers that stay. */
  int staying() {
    return (int) atHand.keySet().stream().filter(l -> !draining.contains(l)).count();
  }

  boolean isDraining(String leaseId) {
    return draining.contains(leaseId);
  }

  void addIfNew(Slot slot) {
    atHand.putIfAbsent(slot.leaseId(), slot);
    port.demandChanged();
  }

  /** Takes a slot in, expected or known. */
  void put(Slot slot) {
    expected.remove(slot.leaseId());
    atHand.put(slot.leaseId(), slot);
    port.demandChanged();
  }

  /** The lease is over, or others see to its end. */
  void remove(String leaseId) {
    atHand.remove(leaseId);
    draining.remove(leaseId);
    expected.remove(leaseId);
    port.demandChanged();
  }

  void onDraining(String leaseId) {
    if (atHand.containsKey(leaseId)) {
      draining.add(leaseId);
    }
  }

  /** Gives back those on workers that drain. */
  void releaseDraining() {
    for (String leaseId : List.copyOf(draining)) {
      remove(leaseId);
      port.release(leaseId, true, "its worker drains");
    }
  }

  /** Gives back those at hand. */
  void releaseAtHand(boolean stop, String reason) {
    for (String leaseId : List.copyOf(atHand.keySet())) {
      remove(leaseId);
      port.release(leaseId, stop, reason);
    }
  }

  /** Gives back everything, what is expected too. */
  void releaseAll(boolean stop, String reason) {
    releaseAtHand(stop, reason);
    for (String leaseId : new LinkedHashSet<>(expected.keySet())) {
      remove(leaseId);
      port.release(leaseId, true, reason);
    }
  }

  List<SchedulerCommand.Hold> holds() {
    List<SchedulerCommand.Hold> holds = new ArrayList<>();
    for (Slot slot : atHand.values()) {
      holds.add(
          new SchedulerCommand.Hold(
              slot.leaseId(), request, slot.lease().workerId(), slot.lease().incarnation()));
    }
    for (Member m : expected.values()) {
      holds.add(
          new SchedulerCommand.Hold(m.getLeaseId(), request, m.getWorkerId(), m.getIncarnation()));
    }
    return holds;
  }
}
