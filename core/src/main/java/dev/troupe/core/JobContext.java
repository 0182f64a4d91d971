package dev.troupe.core;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** What a driver sees of the cluster. All methods may be called from the driver's thread only. */
public interface JobContext extends WorkContext {

  /** 1 for the first run of the driver, one more each time that it was started again. */
  int attempt();

  /**
   * Hands a task to the cluster. If the job's journal already holds a result under {@code key}, the
   * handle is done at once.
   *
   * @param key unique within the job, and the same when the driver is run again
   * @throws IllegalArgumentException if {@code key} was submitted before with another input
   */
  <R> Handle<R> submit(String key, Task<R> task);

  /**
   * Submits {@code make(0) ... make(count - 1)} under {@code prefix/0, prefix/1, ...} and waits for
   * all, in order.
   */
  default <R> List<R> fanOut(String prefix, int count, IntFunction<? extends Task<R>> make)
      throws InterruptedException {
    List<Handle<R>> handles = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      handles.add(submit(prefix + "/" + i, make.apply(i)));
    }
    List<R> results = new ArrayList<>(count);
    for (Handle<R> handle : handles) {
      results.add(handle.get());
    }
    return results;
  }

  /**
   * Starts a gang: ranks that begin together and share a {@link Communicator}. Its result is what
   * rank 0 returns.
   *
   * @param key as in {@link #submit}
   */
  <R> Handle<R> gang(String key, GangSize size, GangMember<R> member);

  /**
   * Waits until one of the handles is done, with a result or not, and returns one that is. For
   * drivers that decide by what comes first; such a driver may decide otherwise when it is run
   * again, so its keys and inputs must not depend on the order.
   *
   * @param handles at least one
   */
  default <R> Handle<R> any(List<Handle<R>> handles) throws InterruptedException {
    for (Handle<R> handle : handles) {
      if (handle.isDone()) {
        return handle;
      }
    }
    Handle<R> first = handles.get(0);
    try {
      first.get();
    } catch (TaskFailedException e) {
      return first; // done, and the caller's get() will say so
    }
    return first;
  }
}
