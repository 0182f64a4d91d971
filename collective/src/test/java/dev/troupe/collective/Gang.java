package dev.troupe.collective;

import dev.troupe.core.Communicator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;

/** A gang whose ranks are threads of this process, each with a data port of its own. */
final class Gang implements AutoCloseable {
  private static final AtomicLong NAMES = new AtomicLong();
  static final long LIMIT_SECONDS = 60;

  private final String name = "gang-" + NAMES.incrementAndGet();
  private final List<Collectives> workers = new ArrayList<>();
  private final List<Peer> peers = new ArrayList<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();

  /** What one rank does. */
  interface Body<T> {
    T run(Communicator communicator) throws Exception;
  }

  /**
   * @param hosts the pretended host of each rank
   */
  Gang(CollectiveConfig config, int... hosts) {
    for (int rank = 0; rank < hosts.length; rank++) {
      try {
        workers.add(Collectives.open(config));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      peers.add(
          new Peer("worker-" + rank, "127.0.0.1", workers.get(rank).port(), "host-" + hosts[rank]));
    }
  }

  static Gang onOneHost(CollectiveConfig config, int size) {
    return new Gang(config, new int[size]);
  }

  String name() {
    return name;
  }

  int size() {
    return peers.size();
  }

  Collectives worker(int rank) {
    return workers.get(rank);
  }

  Membership membership(long generation, int rank) {
    return new Membership(name, generation, rank, peers);
  }

  /** Runs one generation; each rank closes its communicator at the end. */
  <T> List<T> run(long generation, Body<T> body) {
    return await(start(generation, body));
  }

  <T> List<Future<T>> start(long generation, Body<T> body) {
    return each(
        rank ->
            () -> {
              try (Communicator c = workers.get(rank).join(membership(generation, rank))) {
                return body.run(c);
              }
            });
  }

  /** Joins, and leaves it to the caller to close. */
  List<Communicator> join(long generation) {
    return await(each(rank -> () -> workers.get(rank).join(membership(generation, rank))));
  }

  <T> List<Future<T>> each(IntFunction<Callable<T>> work) {
    List<Future<T>> futures = new ArrayList<>();
    for (int rank = 0; rank < size(); rank++) {
      futures.add(threads.submit(work.apply(rank)));
    }
    return futures;
  }

  static <T> List<T> await(List<Future<T>> futures) {
    List<T> results = new ArrayList<>();
    for (Future<T> future : futures) {
      try {
        results.add(future.get(LIMIT_SECONDS, TimeUnit.SECONDS));
      } catch (ExecutionException e) {
        if (e.getCause() instanceof RuntimeException cause) {
          throw cause;
        }
        throw new IllegalStateException(e.getCause());
      } catch (TimeoutException | InterruptedException e) {
        throw new IllegalStateException("a rank did not end within " + LIMIT_SECONDS + " s", e);
      }
    }
    return results;
  }

  @Override
  public void close() {
    workers.forEach(Collectives::close);
    threads.shutdownNow();
  }
}
