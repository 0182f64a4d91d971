package dev.troupe.sft.internal;

import dev.troupe.core.BlobRef;
import dev.troupe.core.Checkpoint;
import dev.troupe.core.Communicator;
import dev.troupe.core.GangContext;
import dev.troupe.core.Progress;
import dev.troupe.core.Store;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.slf4j.Logger;

/** Hands all calls on to a gang, so that what is above it has to say what it changes alone. */
abstract class ForwardingGang implements GangContext {

  private final GangContext gang;

  ForwardingGang(GangContext gang) {
    this.gang = gang;
  }

  @Override
  public int rank() {
    return gang.rank();
  }

  @Override
  public int size() {
    return gang.size();
  }

  @Override
  public long generation() {
    return gang.generation();
  }

  @Override
  public Communicator communicator() {
    return gang.communicator();
  }

  @Override
  public Optional<Checkpoint> resume() {
    return gang.resume();
  }

  @Override
  public void resumeAt(long step) {
    gang.resumeAt(step);
  }

  @Override
  public Path scratch() {
    return gang.scratch();
  }

  @Override
  public Map<String, Object> memory() {
    return gang.memory();
  }

  @Override
  public void endStep(long step, CheckpointWriter save) {
    gang.endStep(step, save);
  }

  @Override
  public void awaitCheckpoint() {
    gang.awaitCheckpoint();
  }

  @Override
  public void checkpointEvery(long steps) {
    gang.checkpointEvery(steps);
  }

  @Override
  public void spent(Map<String, Double> seconds) {
    gang.spent(seconds);
  }

  @Override
  public String jobId() {
    return gang.jobId();
  }

  @Override
  public Store store() {
    return gang.store();
  }

  @Override
  public Logger log() {
    return gang.log();
  }

  @Override
  public Progress progress() {
    return gang.progress();
  }

  @Override
  public BlobRef artifact(String name, Path file) {
    return gang.artifact(name, file);
  }

  @Override
  public BlobRef artifact(String name, byte[] content) {
    return gang.artifact(name, content);
  }

  @Override
  public <T> T cached(String key, Callable<T> load) throws Exception {
    return gang.cached(key, load);
  }
}
