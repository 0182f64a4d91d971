package dev.troupe.testkit;

import dev.troupe.core.Checkpoint;
import dev.troupe.core.CheckpointSink;
import dev.troupe.core.Communicator;
import dev.troupe.core.GangContext;
import dev.troupe.core.GenerationEndedException;
import dev.troupe.testkit.LocalCluster.Loss;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A rank of one generation. Checkpoints are written within the step that they are due at. */
final class LocalRank extends LocalWork implements GangContext {

  /**
   * A generation's checkpoints by step.
   *
   * @param whole those that all ranks have written, of earlier generations too
   * @param partial those that some rank of this generation has begun
   */
  record Saving(Map<Long, Map<String, byte[]>> whole, Map<Long, Map<String, byte[]>> partial) {

    Saving(Map<Long, Map<String, byte[]>> whole) {
      this(whole, new ConcurrentHashMap<>());
    }
  }

  private final Communicator communicator;
  private final Map<String, Object> memory;
  private final Saving saving;
  private final Set<Long> recalled;
  private final Loss loss;
  private long every = 50;

  /**
   * @param recalled takes the steps at which ranks go on from memory
   * @param loss what ends this generation; null if nothing does
   */
  LocalRank(
      Traces traces,
      Communicator communicator,
      Map<String, Object> memory,
      Saving saving,
      Set<Long> recalled,
      Loss loss) {
    super(traces);
    this.communicator = communicator;
    this.memory = memory;
    this.saving = saving;
    this.recalled = recalled;
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
      save(step, save);
    }
  }

  private void save(long step, CheckpointWriter save) {
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

  @Override
  public void awaitCheckpoint() {} // endStep has written it

  @Override
  public void checkpointEvery(long steps) {
    every = steps;
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
}
