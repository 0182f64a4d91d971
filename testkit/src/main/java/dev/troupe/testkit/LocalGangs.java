package dev.troupe.testkit;

import dev.troupe.collective.CollectiveConfig;
import dev.troupe.collective.Collectives;
import dev.troupe.collective.HostId;
import dev.troupe.collective.Membership;
import dev.troupe.collective.Peer;
import dev.troupe.core.Communicator;
import dev.troupe.core.GangMember;
import dev.troupe.core.GangSize;
import dev.troupe.core.GenerationEndedException;
import dev.troupe.core.Json;
import dev.troupe.testkit.LocalCluster.Killed;
import dev.troupe.testkit.LocalCluster.Loss;
import dev.troupe.testkit.LocalCluster.Sabotage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Runs gangs one after the other, each rank on a thread with collectives of its own. */
final class LocalGangs implements AutoCloseable {

  private final LocalWork.Traces traces;
  private final int ranks;
  private final Sabotage sabotage;
  private final List<Loss> losses;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Collectives> workers = new ArrayList<>();
  private final List<Map<String, Object>> memories = new ArrayList<>();
  private final Set<Long> recalled = new ConcurrentSkipListSet<>();
  private volatile long generation;

  LocalGangs(LocalWork.Traces traces, int ranks, Sabotage sabotage, List<Loss> losses) {
    this.traces = traces;
    this.ranks = ranks;
    this.sabotage = sabotage;
    this.losses = losses;
  }

  Set<Long> recalled() {
    return recalled;
  }

  long generations() {
    return generation;
  }

  @Override
  public void close() {
    workers.forEach(Collectives::close);
    threads.shutdownNow();
  }

  /**
   * Runs one until a generation gets through, with the losses that a test asked for in between.
   *
   * @return what rank 0 returned
   * @throws IllegalStateException if fewer ranks are left than the gang needs
   */
  synchronized <R> R run(String key, GangMember<R> member, GangSize gang) throws Exception {
    Map<Long, Map<String, byte[]>> checkpoints = new ConcurrentHashMap<>();
    Iterator<Loss> toCome = losses.iterator();
    int size = Math.min(ranks, gang.max());
    while (true) {
      if (size < gang.min()) {
        throw new IllegalStateException(
            "gang '%s': %d ranks are left (expected: at least %d)"
                .formatted(key, size, gang.min()));
      }
      generation++;
      Loss next = toCome.hasNext() ? toCome.next() : null;
      Ends<R> ends = runGeneration(key, member, size, new LocalRank.Saving(checkpoints), next);
      if (ends.failure() == null) {
        memories.clear();
        return ends.results().get(0);
      }
      if (!ends.killed().isEmpty()) {
        memories.removeIf(memory -> ends.killed().stream().anyMatch(one -> one == memory));
        size -= ends.killed().size();
      } else if (ends.failure() instanceof GenerationEndedException && next != null) {
        memories.subList(size - next.lost(), memories.size()).clear();
        size = next.newSize();
      } else if (ends.failure() instanceof Error error) {
        throw error;
      } else {
        throw (Exception) ends.failure();
      }
    }
  }

  /**
   * How a generation ended.
   *
   * @param killed the memories of ranks that were killed
   * @param failure an error of a member's own before the others; null if there was none
   */
  private record Ends<R>(List<R> results, List<Map<String, Object>> killed, Throwable failure) {}

  private <R> Ends<R> runGeneration(
      String key, GangMember<R> member, int size, LocalRank.Saving saving, Loss loss)
      throws IOException, InterruptedException {
    List<Peer> peers = peers(size);
    List<Future<R>> running = new ArrayList<>();
    for (int rank = 0; rank < size; rank++) {
      Membership membership = new Membership(key, generation, rank, peers);
      Collectives worker = workers.get(rank);
      Map<String, Object> memory = memories.get(rank);
      running.add(threads.submit(() -> runRank(worker, membership, member, memory, saving, loss)));
    }
    Throwable failure = null;
    List<R> results = new ArrayList<>();
    List<Map<String, Object>> killed = new ArrayList<>();
    for (int rank = 0; rank < size; rank++) {
      try {
        results.add(running.get(rank).get());
      } catch (ExecutionException e) {
        failure = worse(failure, e.getCause());
        if (e.getCause() instanceof Killed) {
          killed.add(memories.get(rank));
        }
      }
    }
    return new Ends<>(results, killed, failure);
  }

  private static Throwable worse(Throwable one, Throwable other) {
    return one == null || one instanceof GenerationEndedException ? other : one;
  }

  private List<Peer> peers(int size) throws IOException {
    while (workers.size() < size) {
      workers.add(Collectives.open(CollectiveConfig.defaults()));
    }
    while (memories.size() < size) {
      memories.add(new HashMap<>());
    }
    List<Peer> peers = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      peers.add(new Peer("worker-" + i, "127.0.0.1", workers.get(i).port(), HostId.local()));
    }
    return peers;
  }

  private <R> R runRank(
      Collectives worker,
      Membership membership,
      GangMember<R> member,
      Map<String, Object> memory,
      LocalRank.Saving saving,
      Loss loss)
      throws Exception {
    GangMember<R> copy = LocalCluster.travelled(member);
    try (Communicator communicator = worker.join(membership)) {
      R result;
      try {
        Communicator between = sabotage.between(communicator);
        result = copy.run(new LocalRank(traces, between, memory, saving, recalled, loss));
      } catch (Exception e) {
        communicator.abort(e.toString());
        throw e;
      }
      return LocalCluster.travelled(result, Json.resultType(member.getClass(), GangMember.class));
    }
  }
}
