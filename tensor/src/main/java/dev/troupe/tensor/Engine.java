package dev.troupe.tensor;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;

/**
 * Starts libtorch through DJL, once a process, without the network. The number of intra-op threads
 * is a part of a run's configuration: sums inside libtorch may be cut by it, so that two runs agree
 * bit for bit only with the same number.
 */
public final class Engine {

  private static int threads;

  private Engine() {}

  /**
   * Starts the engine, or does nothing if it runs with this many threads.
   *
   * @param intraOpThreads threads that one operation may use, at least 1
   * @throws IllegalStateException if the natives are missing, or if the engine runs with another
   *     number of threads
   */
  public static synchronized void start(int intraOpThreads) {
    if (intraOpThreads < 1) {
      throw new IllegalArgumentException("threads: " + intraOpThreads + " (expected: >= 1)");
    }
    if (threads == intraOpThreads) {
      return;
    }
    if (threads != 0) {
      throw new IllegalStateException(
          "threads: %d (expected: %d, with which this process started its engine; use one number a process)"
              .formatted(intraOpThreads, threads));
    }
    configure(intraOpThreads);
    try {
      ai.djl.engine.Engine.getEngine("PyTorch");
      // DJL sets them only from its properties at its own first start, which may lie behind us.
      JniUtils.setNumThreads(intraOpThreads);
    } catch (EngineException | UnsatisfiedLinkError e) {
      throw new IllegalStateException(
          "PyTorch's natives cannot be loaded (expected: pytorch-jni and pytorch-native-cpu for this"
              + " platform on the class path, or PYTORCH_LIBRARY_PATH): "
              + e.getMessage(),
          e);
    }
    threads = intraOpThreads;
  }

  private static void configure(int intraOpThreads) {
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
    System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(intraOpThreads));
    System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
    // The optimizer rewrites a script after its first runs; a restarted process would then differ
    // in the last bit from one that has been running.
    System.setProperty("ai.djl.pytorch.graph_optimizer", "false");
  }

  /** A new manager on the CPU; starts the engine with one thread if nothing started it before. */
  public static synchronized NDManager newManager() {
    if (threads == 0) {
      start(1);
    }
    return NDManager.newBaseManager(ai.djl.Device.cpu(), "PyTorch");
  }

  /** Intra-op threads of the running engine; 0 if it does not run. */
  public static synchronized int threads() {
    return threads;
  }
}
