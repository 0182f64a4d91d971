package dev.troupe.tensor;

import ai.djl.ndarray.NDManager;

/**
 * Starts libtorch through DJL, once a process, without the network. The number of intra-op threads
 * is a part of a run's configuration: sums inside libtorch may be cut by it, so that two runs agree
 * bit for bit only with the same number.
 */
public final class Engine {

  private Engine() {}

  /**
   * Starts the engine, or does nothing if it runs with this many threads.
   *
   * @param intraOpThreads threads that one operation may use, at least 1
   * @throws IllegalStateException if the natives are missing, or if the engine runs with another
   *     number of threads
   */
  public static void start(int intraOpThreads) {
    Skeleton.missing();
  }

  /** A new manager on the CPU; starts the engine with one thread if nothing started it before. */
  public static NDManager newManager() {
    return Skeleton.missing();
  }

  /** Intra-op threads of the running engine. */
  public static int threads() {
    return Skeleton.missing();
  }
}
