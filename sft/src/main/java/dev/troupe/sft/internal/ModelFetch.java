package dev.troupe.sft.internal;

import dev.troupe.core.DType;
import dev.troupe.core.GangContext;
import dev.troupe.core.WorkContext;
import dev.troupe.lm.HubListener;
import dev.troupe.lm.ModelHub;
import dev.troupe.lm.ModelSource;
import dev.troupe.tensor.FlatMath;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Brings the model to the hosts of a gang. */
public final class ModelFetch {

  /** So often do ranks tell each other whether they have it. */
  private static final Duration ROUND = Duration.ofSeconds(2);

  private static final int MIB_BITS = 20;

  private ModelFetch() {}

  /**
   * Collective: returns the model's folder once every rank has it. Ranks meet every few seconds
   * meanwhile, so that a host with a slow line does not make its ranks count as late, and one that
   * hangs is still found out.
   */
  static Path folder(GangContext gang, ModelSource source) throws Exception {
    if (source instanceof ModelSource.Folder folder) {
      return folder.path();
    }
    FutureTask<Path> fetch =
        new FutureTask<>(() -> ModelHub.ofEnvironment().fetch(source, listener(gang)));
    Thread thread = new Thread(fetch, "fetch-model");
    thread.setDaemon(true);
    thread.start();
    try {
      ByteBuffer missing = FlatMath.allocate(1);
      do {
        missing.putFloat(0, isHere(fetch) ? 0 : 1);
        gang.communicator().allReduce(missing, DType.F32);
      } while (missing.getFloat(0) > 0);
      return fetch.get();
    } finally {
      fetch.cancel(true);
    }
  }

  private static boolean isHere(FutureTask<Path> fetch) throws Exception {
    try {
      fetch.get(ROUND.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  /** Into the job's log and progress. */
  public static HubListener listener(WorkContext work) {
    return new HubListener() {
      @Override
      public void say(String line) {
        work.log().info(line);
      }

      @Override
      public void downloaded(long bytes, long total) {
        work.progress().report("download", bytes >> MIB_BITS, total >> MIB_BITS);
      }
    };
  }
}
