package dev.troupe.sft;

import dev.troupe.collective.CollectiveConfig;
import dev.troupe.collective.Collectives;
import dev.troupe.collective.HostId;
import dev.troupe.collective.Membership;
import dev.troupe.collective.Peer;
import dev.troupe.core.BlobRef;
import dev.troupe.core.Checkpoint;
import dev.troupe.core.CheckpointSink;
import dev.troupe.core.Communicator;
import dev.troupe.core.GangContext;
import dev.troupe.core.GangMember;
import dev.troupe.core.GangSize;
import dev.troupe.core.GenerationEndedException;
import dev.troupe.core.Handle;
import dev.troupe.core.JobContext;
import dev.troupe.core.Json;
import dev.troupe.core.Progress;
import dev.troupe.core.Store;
import dev.troupe.core.Task;
import dev.troupe.core.TaskContext;
import dev.troupe.core.TaskFailedException;
import dev.troupe.core.WorkContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A cluster in this process: each rank is a thread with collectives of its own, inputs and results
 * travel as JSON, generations end where a test says so.
 */
public final class LocalCluster implements AutoCloseable {

  /**
   * A loss: the last rank goes away at the end of {@code step}, before a checkpoint that would be
   * due there; the next generation has {@code newSize} ranks.
   *
   * @param lost ranks whose memory is gone, the last ones
   */
  public record Loss(long step, int newSize, int lost) {
    public Loss(long step, int newSize) {
      this(step, newSize, 1);
    }
  }

  /** A rank's process dies here. */
  public static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** What stands between a rank and its gang. */
  @FunctionalInterface
  public interface Sabotage {
    Communicator between(Communicator communicator);
  }

  private static final Logger LOG = LoggerFactory.getLogger(LocalCluster.class);

  private final int ranks;
  private final List<Loss> losses;
  private final Sabotage sabotage;
  private final List<Collectives> workers = new ArrayList<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final MemoryStore store = new MemoryStore();
  private final Map<String, BlobRef> artifacts = new ConcurrentHashMap<>();
  private final List<Map<String, Object>> memories = new ArrayList<>();
  private final Map<String, Object> cache = new ConcurrentHashMap<>();
  private final Map<String, Map<String, Double>> progress = new ConcurrentHashMap<>();
  private final Map<String, String> gangs = new ConcurrentHashMap<>();
  private final Map<String, Handle<?>> journal = new ConcurrentHashMap<>();
  private final Set<Long> recalled = new ConcurrentSkipListSet<>();
  private long generation;

  /**
   * @param ranks of the first generation of a gang
   */
  public LocalCluster(int ranks, Loss... losses) {
    this(ranks, communicator -> communicator, losses);
  }

  /** The ranks that it kills are lost; the next generation is that much smaller. */
  public LocalCluster(int ranks, Sabotage sabotage, Loss... losses) {
    this.ranks = ranks;
    this.sabotage = sabotage;
    this.losses = List.of(losses);
  }

  public JobContext job() {
    return new Job(Integer.MAX_VALUE);
  }

  /** A driver's process that dies when it starts one gang more; the next job goes on behind it. */
  public JobContext jobThatDiesAfter(int gangs) {
    return new Job(gangs);
  }

  /** Gangs that have run, each with its input as JSON; a gang that was known is not run again. */
  public Map<String, String> gangs() {
    return gangs;
  }

  /** An artifact's content. */
  public byte[] artifact(String name) {
    return MemoryStore.bytes(store.get(artifacts.get(name)));
  }

  public Set<String> artifacts() {
    return artifacts.keySet();
  }

  /** The last figures of each phase. */
  public Map<String, Map<String, Double>> progress() {
    return progress;
  }

  /** Steps from which a generation went on with what its ranks held in memory. */
  public Set<Long> recalled() {
    return recalled;
  }

  /** How many generations gangs have had. */
  public long generations() {
    return generation;
  }

  @Override
  public void close() {
    workers.forEach(Collectives::close);
    threads.shutdownNow();
  }

  private synchronized <R> R runGang(String key, GangMember<R> member, int most) throws Exception {
    Map<Long, Map<String, byte[]>> checkpoints = new ConcurrentHashMap<>();
    int size = Math.min(ranks, most);
    for (int loss = 0; ; loss++) {
      generation++;
      Loss next = loss < losses.size() ? losses.get(loss) : null;
      Exception failure = null;
      Saving saving = new Saving(checkpoints, new ConcurrentHashMap<>());
      List<Future<R>> running = new ArrayList<>();
      for (int rank = 0; rank < size; rank++) {
        Membership membership = new Membership(key, generation, rank, peers(size));
        Collectives worker = workers.get(rank);
        Map<String, Object> memory = memories.get(rank);
        running.add(
            threads.submit(() -> runRank(worker, membership, member, memory, saving, next)));
      }
      List<R> results = new ArrayList<>();
      List<Map<String, Object>> gone = new ArrayList<>();
      for (int rank = 0; rank < size; rank++) {
        try {
          results.add(running.get(rank).get());
        } catch (ExecutionException e) {
          failure = worse(failure, (Exception) e.getCause());
          if (e.getCause() instanceof Killed) {
            gone.add(memories.get(rank));
          }
        }
      }
      if (failure == null) {
        memories.clear();
        return results.get(0);
      }
      if (!gone.isEmpty()) {
        memories.removeIf(memory -> gone.stream().anyMatch(one -> one == memory));
        size -= gone.size();
        continue;
      }
      if (!(failure instanceof GenerationEndedException) || next == null) {
        throw failure;
      }
      memories.subList(size - next.lost(), memories.size()).clear();
      size = next.newSize();
    }
  }

  private static Exception worse(Exception one, Exception other) {
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

  @SuppressWarnings("unchecked") // the copy has the member's class, its result the member's type
  private <R> R runRank(
      Collectives worker,
      Membership membership,
      GangMember<R> member,
      Map<String, Object> memory,
      Saving saving,
      Loss loss)
      throws Exception {
    GangMember<R> copy = Json.read(Json.write(member), member.getClass());
    try (Communicator communicator = worker.join(membership)) {
      R result;
      try {
        result = copy.run(new Gang(sabotage.between(communicator), memory, saving, loss));
      } catch (Exception e) {
        communicator.abort(e.toString());
        throw e;
      }
      return result == null
          ? null
          : (R) Json.read(Json.write(result), Json.resultType(member.getClass(), GangMember.class));
    }
  }

  private class Work implements WorkContext {
    @Override
    public String jobId() {
      return "test";
    }

    @Override
    public Store store() {
      return store;
    }

    @Override
    public Logger log() {
      return LOG;
    }

    @Override
    public Progress progress() {
      return (phase, done, total, metrics) -> progress.put(phase, metrics);
    }

    @Override
    public BlobRef artifact(String name, Path file) {
      BlobRef blob = store().put(file);
      artifacts.put(name, blob);
      return blob;
    }

    @Override
    public BlobRef artifact(String name, byte[] content) {
      BlobRef blob = store().put(ByteBuffer.wrap(content));
      artifacts.put(name, blob);
      return blob;
    }

    @Override
    @SuppressWarnings("unchecked") // as the interface has it: a key has one type
    public <T> T cached(String key, Callable<T> load) throws Exception {
      synchronized (cache) {
        if (!cache.containsKey(key)) {
          cache.put(key, load.call());
        }
        return (T) cache.get(key);
      }
    }
  }

  /**
   * Checkpoints by step.
   *
   * @param whole those that all ranks have written
   * @param partial those that some rank of this generation has begun
   */
  private record Saving(
      Map<Long, Map<String, byte[]>> whole, Map<Long, Map<String, byte[]>> partial) {}

  private final class Gang extends Work implements GangContext {
    private final Communicator communicator;
    private final Map<String, Object> memory;
    private final Saving saving;
    private final Loss loss;
    private long every = 50;

    Gang(Communicator communicator, Map<String, Object> memory, Saving saving, Loss loss) {
      this.communicator = communicator;
      this.memory = memory;
      this.saving = saving;
      this.loss = loss;
    }

    @Override
    public int rank() {
      return communicator.rank();
    }

    @Override
    public int size() {
      return communicator.size();
    }

    @Override
    public long generation() {
      return communicator.generation();
    }

    @Override
    public Communicator communicator() {
      return communicator;
    }

    @Override
    public Optional<Checkpoint> resume() {
      communicator.barrier();
      return saving.whole().keySet().stream()
          .max(Long::compare)
          .map(step -> new Saved(step, saving.whole().get(step)));
    }

    @Override
    public void resumeAt(long step) {
      recalled.add(step);
    }

    @Override
    public Map<String, Object> memory() {
      return memory;
    }

    @Override
    public void endStep(long step, CheckpointWriter save) {
      if (loss != null && loss.step() == step && rank() == size() - 1) {
        throw new GenerationEndedException(generation(), "a test ends it at step " + step);
      }
      communicator.barrier();
      if (step % every == 0) {
        Map<String, byte[]> files =
            saving.partial().computeIfAbsent(step, s -> new ConcurrentHashMap<>());
        CheckpointSink sink = (file, content) -> files.put(file, MemoryStore.bytes(content));
        try {
          save.write(sink);
        } catch (Exception e) {
          throw new IllegalStateException(e);
        }
        communicator.barrier();
        if (rank() == 0) {
          saving.whole().put(step, files);
        }
        communicator.barrier();
      }
    }

    @Override
    public void awaitCheckpoint() {} // endStep has written it

    @Override
    public void checkpointEvery(long steps) {
      every = steps;
    }
  }

  private record Saved(long step, Map<String, byte[]> content) implements Checkpoint {
    @Override
    public Set<String> files() {
      return content.keySet();
    }

    @Override
    public ByteBuffer read(String file) {
      return ByteBuffer.wrap(content.get(file)).asReadOnlyBuffer();
    }
  }

  private final class Job extends Work implements JobContext {
    private int gangsLeft;

    Job(int gangsLeft) {
      this.gangsLeft = gangsLeft;
    }

    @Override
    public int attempt() {
      return 1;
    }

    @Override
    public <R> Handle<R> submit(String key, Task<R> task) {
      return new Done<>(
          key,
          threads.submit(() -> Json.read(Json.write(task), task.getClass()).run(new One(key))));
    }

    @Override
    @SuppressWarnings("unchecked") // an equal input has an equal member, so an equal result
    public <R> Handle<R> gang(String key, GangSize size, GangMember<R> member) {
      String input = Json.write(member);
      String before = gangs.get(key);
      if (before != null && !before.equals(input)) {
        throw new IllegalArgumentException(
            "key '" + key + "' was submitted before with another input");
      }
      if (before == null) {
        if (gangsLeft-- == 0) {
          throw new IllegalStateException("a test ends the driver's process");
        }
        gangs.put(key, input);
        journal.put(key, new Done<>(key, threads.submit(() -> runGang(key, member, size.max()))));
      }
      return (Handle<R>) journal.get(key);
    }
  }

  private final class One extends Work implements TaskContext {
    private final String key;

    One(String key) {
      this.key = key;
    }

    @Override
    public String key() {
      return key;
    }

    @Override
    public int attempt() {
      return 1;
    }
  }

  private record Done<R>(String key, Future<?> future) implements Handle<R> {
    @Override
    public boolean isDone() {
      return future.isDone();
    }

    @Override
    @SuppressWarnings("unchecked") // what the task returned
    public R get() throws InterruptedException {
      try {
        return (R) future.get();
      } catch (ExecutionException e) {
        LOG.info("{} failed", key, e.getCause());
        throw new TaskFailedException(key, e.getCause().getMessage(), "");
      }
    }
  }

  /** An artifact as text. */
  public String text(String artifact) {
    return new String(artifact(artifact), StandardCharsets.UTF_8);
  }
}
