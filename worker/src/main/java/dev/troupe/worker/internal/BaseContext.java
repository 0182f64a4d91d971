package dev.troupe.worker.internal;

import dev.troupe.cluster.protocol.ToJob;
import dev.troupe.core.BlobRef;
import dev.troupe.core.Progress;
import dev.troupe.core.Store;
import dev.troupe.core.WorkContext;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.slf4j.Logger;

/** What drivers, tasks and ranks have in common. Closed when the piece of work ends. */
class BaseContext implements WorkContext, AutoCloseable {

  private final Services services;
  private final String jobId;
  private final String workload;
  private final JobLogger log;
  private final ProgressNotes progress;
  private final ValueCache.Scope values;
  private Path scratch; // null until it is asked for

  BaseContext(Services services, String jobId, String workload, String source) {
    this.services = services;
    this.jobId = jobId;
    this.workload = workload;
    this.log = new JobLogger(services.logs(), jobId, source);
    this.progress = new ProgressNotes(services, jobId, workload, source);
    this.values = services.cache().newScope();
  }

  @Override
  public final String jobId() {
    return jobId;
  }

  @Override
  public final Store store() {
    return services.store();
  }

  @Override
  public final Logger log() {
    return log;
  }

  @Override
  public final Progress progress() {
    return progress;
  }

  @Override
  public final BlobRef artifact(String name, Path file) {
    return announce(name, store().put(file));
  }

  @Override
  public final BlobRef artifact(String name, byte[] content) {
    return announce(name, store().put(ByteBuffer.wrap(content)));
  }

  @Override
  public final synchronized Path scratch() {
    if (scratch == null) {
      scratch = services.scratch().create();
    }
    return scratch;
  }

  @Override
  public final <T> T cached(String key, Callable<T> load) throws Exception {
    return values.get(workload + "/" + key, load);
  }

  private BlobRef announce(String name, BlobRef blob) {
    if (name.isBlank() || name.length() > 256 || name.startsWith("/") || name.contains("..")) {
      throw new IllegalArgumentException(
          "artifact name: '" + name + "' (expected: a relative path of 1 to 256 characters)");
    }
    services.outbox().force(jobId, new ToJob.ArtifactWritten(name, blob), () -> {});
    return blob;
  }

  /** Sends what was held back. */
  final void flush() {
    progress.flush();
    services.logs().flush(jobId);
  }

  /** Sends what was held back, lets go of cached values and removes scratch files. */
  @Override
  public void close() {
    flush();
    values.close();
    removeScratch();
  }

  private synchronized void removeScratch() {
    if (scratch != null) {
      services.scratch().remove(scratch);
    }
  }
}
