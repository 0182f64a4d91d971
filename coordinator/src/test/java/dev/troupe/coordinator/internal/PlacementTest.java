package dev.troupe.coordinator.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.cluster.protocol.Lease.Kind;
import dev.troupe.coordinator.internal.Placement.Decision;
import dev.troupe.coordinator.internal.Placement.Grant;
import dev.troupe.coordinator.internal.Placement.Node;
import dev.troupe.coordinator.internal.Placement.Request;
import dev.troupe.coordinator.internal.Placement.Used;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class PlacementTest {

  private final Placement placement = new Placement();
  private int leases;

  private void nodes(int count, int slots) {
    for (int i = 1; i <= count; i++) {
      placement.node(new Node("worker-" + i, "host", slots, 2, Set.of("sft"), false));
    }
  }

  private static Request gang(String job, long created, int min, int max) {
    return new Request(job, Wants.gang("train"), Kind.GANG, "sft", 0, created, min, max);
  }

  private static Request tasks(String job, long created, int max) {
    return new Request(job, Wants.TASKS, Kind.TASKS, "sft", 0, created, 1, max);
  }

  private Decision decide(long now) {
    Decision decision = placement.decide(now);
    for (Grant grant : decision.grants()) {
      placement.use(
          new Used(
              "lease-" + leases++,
              grant.request().key(),
              grant.request().kind(),
              grant.workerId()));
    }
    return decision;
  }

  private static long granted(Decision decision, String job) {
    return decision.grants().stream().filter(g -> g.request().jobId().equals(job)).count();
  }

  @Test
  void aGangGetsItsMinimumTogetherOrNothingAndThenWhatIsFree() {
    nodes(2, 1);
    placement.want("big", List.of(gang("big", 1, 3, 4)));
    Decision none = decide(0);
    assertThat(none.grants()).isEmpty();
    assertThat(none.reasons())
        .containsEntry(
            new Placement.Key("big", "gang:train"),
            "gang wants at least 3 workers; the cluster has 2");
    placement.node(new Node("worker-3", "host", 1, 2, Set.of("sft"), false));
    assertThat(granted(decide(1), "big")).isEqualTo(3);
    placement.node(new Node("worker-4", "host", 1, 2, Set.of("sft"), false));
    assertThat(granted(decide(2), "big")).isEqualTo(1);
    assertThat(decide(3).grants()).isEmpty();
  }

  @Test
  void saysTheOneTrueReason() {
    placement.want("a", List.of(gang("a", 1, 2, 2)));
    Placement.Key a = new Placement.Key("a", "gang:train");
    assertThat(decide(0).reasons()).containsEntry(a, "no workers are connected");
    placement.node(new Node("other", "host", 1, 1, Set.of("pi"), false));
    assertThat(decide(0).reasons()).containsEntry(a, "no worker carries workload 'sft'");
    nodes(2, 1);
    placement.use(new Used("x", new Placement.Key("demo-3", "gang:train"), Kind.GANG, "worker-1"));
    assertThat(decide(0).reasons())
        .containsEntry(a, "needs 2 slots together; 1 of 2 is free (worker-1: demo-3/train)");
    placement.want("b", List.of(gang("b", 2, 2, 2)));
    assertThat(decide(0).reasons())
        .containsEntry(new Placement.Key("b", "gang:train"), "1 job is ahead");
  }

  @Test
  void smallOnesPassALargeGangForAWhileAndThenSlotsAreKeptForIt() {
    nodes(2, 1);
    placement.use(new Used("old", new Placement.Key("old", "gang:train"), Kind.GANG, "worker-1"));
    placement.want("large", List.of(gang("large", 1, 2, 2)));
    assertThat(decide(0).grants()).isEmpty();
    placement.want("small", List.of(gang("small", 2, 1, 1)));
    assertThat(granted(decide(100), "small")).isEqualTo(1);
    placement.release("lease-0");
    placement.want("small", List.of());
    placement.want("next", List.of(gang("next", 3, 1, 1)));
    Decision kept = decide(Placement.RESERVE_AFTER_MILLIS);
    assertThat(kept.grants()).isEmpty();
    assertThat(kept.reasons())
        .containsEntry(new Placement.Key("next", "gang:train"), "1 job is ahead");
    placement.release("old");
    assertThat(granted(decide(Placement.RESERVE_AFTER_MILLIS + 1), "large")).isEqualTo(2);
  }

  @Test
  void tasksBeginBesideTheirDriverAndThenSpread() {
    nodes(3, 2);
    placement.use(
        new Used("driver", new Placement.Key("job", Wants.DRIVER), Kind.DRIVER, "worker-2"));
    placement.want("job", List.of(tasks("job", 1, 3)));
    assertThat(decide(0).grants())
        .extracting(Grant::workerId)
        .containsExactly("worker-2", "worker-1", "worker-3");
  }

  @Test
  void tasksGiveBackWhatIsMoreThanTheirShare() {
    nodes(4, 1);
    placement.want("wide", List.of(tasks("wide", 1, 100)));
    assertThat(granted(decide(0), "wide")).isEqualTo(4);
    placement.want("late", List.of(tasks("late", 2, 100)));
    Decision asked = decide(1);
    assertThat(asked.giveBack()).hasSize(2);
    assertThat(decide(2).giveBack()).isEmpty();
    asked.giveBack().forEach(placement::release);
    assertThat(granted(decide(3), "late")).isEqualTo(2);
    assertThat(decide(4).giveBack()).isEmpty();
  }

  @Test
  void aGangThatHasWaitedGetsAllSlotsThatAreOnlyLent() {
    nodes(2, 1);
    placement.want("wide", List.of(tasks("wide", 1, 100)));
    decide(0);
    placement.want("gang", List.of(gang("gang", 2, 2, 2)));
    assertThat(decide(1).giveBack()).hasSize(1);
    Decision firm = decide(1 + Placement.RESERVE_AFTER_MILLIS);
    assertThat(firm.giveBack()).hasSize(1);
  }

  @Test
  void aSuspectWorkerIsLeftOutUntilItIsTrusted() {
    nodes(1, 1);
    Request r = gang("a", 1, 1, 1);
    placement.want("a", List.of(r));
    placement.avoid(r.key(), "worker-1");
    assertThat(decide(0).grants()).isEmpty();
    placement.trust("worker-1");
    assertThat(decide(1).grants()).hasSize(1);
  }

  /** Whatever happens, no worker is given more than it has, and no gang less than its minimum. */
  @Property(tries = 100)
  void neverGivesASlotTwiceNorAGangTooFew(@ForAll long seed) {
    Random random = new Random(seed);
    Placement p = new Placement();
    Map<String, Node> nodes = new HashMap<>();
    Map<String, Used> used = new HashMap<>();
    int next = 0;
    for (int step = 0; step < 40; step++) {
      String job = "job-" + random.nextInt(5);
      switch (random.nextInt(5)) {
        case 0 -> {
          int slots = random.nextInt(4);
          String id = "w-" + random.nextInt(4);
          if (!nodes.containsKey(id)) {
            Node node = new Node(id, "h" + random.nextInt(2), slots, 1, Set.of("sft"), false);
            nodes.put(id, node);
            p.node(node);
          }
        }
        case 1 -> {
          String id = "w-" + random.nextInt(4);
          nodes.remove(id);
          p.removeNode(id).forEach(u -> used.remove(u.leaseId()));
        }
        case 2 -> {
          int min = 1 + random.nextInt(4);
          p.want(job, List.of(gang(job, step, min, min + random.nextInt(3))));
        }
        case 3 -> p.want(job, List.of(tasks(job, step, 1 + random.nextInt(6))));
        default ->
            used.keySet().stream()
                .findFirst()
                .ifPresent(
                    l -> {
                      used.remove(l);
                      p.release(l);
                    });
      }
      Map<Placement.Key, Integer> before = count(used);
      Decision decision = p.decide(step * 3000L);
      for (Grant g : decision.grants()) {
        Used u = new Used("l" + next++, g.request().key(), g.request().kind(), g.workerId());
        used.put(u.leaseId(), u);
        p.use(u);
      }
      for (Node node : nodes.values()) {
        assertThat(used.values().stream().filter(u -> u.workerId().equals(node.workerId())).count())
            .isLessThanOrEqualTo(node.slots());
      }
      Map<Placement.Key, Integer> after = count(used);
      for (Grant g : decision.grants()) {
        int has = after.get(g.request().key());
        assertThat(has).isLessThanOrEqualTo(g.request().max());
        assertThat(has).isGreaterThanOrEqualTo(g.request().min());
        assertThat(before.getOrDefault(g.request().key(), 0)).isLessThan(has);
      }
      assertThat(used.keySet()).containsAll(decision.giveBack());
    }
  }

  private static Map<Placement.Key, Integer> count(Map<String, Used> used) {
    Map<Placement.Key, Integer> counts = new HashMap<>();
    used.values().forEach(u -> counts.merge(u.key(), 1, Integer::sum));
    return counts;
  }
}
