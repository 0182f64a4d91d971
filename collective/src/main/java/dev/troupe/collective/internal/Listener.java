package dev.troupe.collective.internal;

import dev.troupe.collective.CollectiveConfig;
import dev.troupe.collective.Membership;
import dev.troupe.collective.internal.Handshake.Answer;
import dev.troupe.collective.internal.Handshake.Verdict;
import dev.troupe.core.Communicator;
import dev.troupe.core.GenerationEndedException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker's end of all data connections: takes those that come in to the rank they are meant for,
 * and keeps the fence, the lowest generation of each gang that is still welcome.
 */
public final class Listener implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Listener.class);

  /** Handshakes at a time; more are refused by closing. */
  private static final int MAX_HANDSHAKES = 512;

  /** Gangs whose fence is remembered. */
  private static final int MAX_GANGS = 10_000;

  private record Place(String gang, long generation, int rank) {}

  private final CollectiveConfig config;
  private final Handshake handshake;
  private final ServerSocketChannel server;
  private final Semaphore handshakes = new Semaphore(MAX_HANDSHAKES);
  private final Set<SocketChannel> arriving = ConcurrentHashMap.newKeySet();

  // Guarded by this.
  private final Map<Place, Joining> joined = new HashMap<>();
  private final Map<String, Long> fences =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > MAX_GANGS;
        }
      };
  private boolean closed;

  public Listener(CollectiveConfig config) throws IOException {
    this.config = config;
    this.handshake = new Handshake(config.secret());
    InetAddress address = InetAddress.getByName(config.bindHost());
    if (config.secret().isEmpty() && !address.isLoopbackAddress()) {
      throw new IllegalArgumentException(
          "secret: empty (expected: one, since bindHost "
              + config.bindHost()
              + " is not loopback and anyone could join a gang)");
    }
    server = ServerSocketChannel.open();
    try {
      server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      server.bind(new InetSocketAddress(address, config.port()), MAX_HANDSHAKES);
    } catch (IOException e) {
      server.close();
      throw new IOException(
          "the data port " + config.bindHost() + ":" + config.port() + ": " + e.getMessage(), e);
    }
    Segment.sweep(config.shmDir());
    start("troupe-data-" + port(), this::acceptAll);
  }

  private static void start(String name, Runnable body) {
    Thread thread = new Thread(body, name);
    thread.setDaemon(true);
    thread.start();
  }

  public int port() {
    return server.socket().getLocalPort();
  }

  private void acceptAll() {
    try {
      while (true) {
        SocketChannel channel = server.accept();
        if (handshakes.tryAcquire()) {
          arriving.add(channel);
          start("troupe-handshake-" + port(), () -> welcome(channel));
        } else {
          LOG.warn("{} handshakes under way: one more refused", MAX_HANDSHAKES);
          channel.close();
        }
      }
    } catch (AsynchronousCloseException e) {
      LOG.debug("data port {} closed", port());
    } catch (IOException e) {
      LOG.error("the data port no longer accepts connections: {}", e.toString());
    }
  }

  private void welcome(SocketChannel channel) {
    boolean kept = false;
    try {
      Hello hello = handshake.listen(channel, this::decide);
      Joining joining = find(hello);
      if (joining != null) {
        joining.accept(hello.from(), hello.lane(), channel);
        kept = true;
      }
    } catch (IOException e) {
      LOG.debug("a connection was not taken: {}", e.toString());
    } finally {
      arriving.remove(channel);
      handshakes.release();
      if (!kept) {
        close(channel);
      }
    }
  }

  private synchronized Joining find(Hello hello) {
    return joined.get(new Place(hello.gang(), hello.generation(), hello.to()));
  }

  /** Waits until the wanted rank joins, if it may still come. */
  private synchronized Answer decide(Hello hello) {
    long deadline = System.nanoTime() + config.joinTimeout().toNanos();
    while (true) {
      if (closed || stale(hello.gang(), hello.generation())) {
        return new Answer(Verdict.STALE, over(hello.gang(), hello.generation()));
      }
      Joining joining = find(hello);
      if (joining != null) {
        String objection = joining.objection(hello);
        Verdict verdict = objection.isEmpty() ? Verdict.WELCOME : Verdict.REFUSED;
        return new Answer(verdict, objection);
      }
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return new Answer(Verdict.STALE, "rank " + hello.to() + " has not joined");
      }
      try {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return new Answer(Verdict.STALE, "shutting down");
      }
    }
  }

  private boolean stale(String gang, long generation) {
    return generation < fences.getOrDefault(gang, 0L);
  }

  private String over(String gang, long generation) {
    return closed
        ? "the worker is shutting down"
        : String.format(
            "generation %d of %s is over (generation %d is the oldest welcome)",
            generation, gang, fences.get(gang));
  }

  /** As {@link dev.troupe.collective.Collectives#join}. */
  public Communicator join(Membership membership) {
    Joining joining = register(membership);
    try {
      joining.run(handshake);
      return new GangCommunicator(joining, config, () -> leave(joining));
    } catch (RuntimeException | Error e) {
      leave(joining);
      joining.close();
      throw e;
    }
  }

  private Joining register(Membership membership) {
    String gang = membership.gang();
    long generation = membership.generation();
    end(gang, generation - 1, "generation " + generation + " began");
    synchronized (this) {
      if (closed || stale(gang, generation)) {
        throw new GenerationEndedException(generation, over(gang, generation));
      }
      Place place = new Place(gang, generation, membership.rank());
      if (joined.containsKey(place)) {
        throw new IllegalStateException(
            "rank " + membership.rank() + " has joined generation " + generation + " already");
      }
      Joining joining = new Joining(membership, config);
      joined.put(place, joining);
      notifyAll();
      return joining;
    }
  }

  private synchronized void leave(Joining joining) {
    Membership m = joining.membership();
    joined.remove(new Place(m.gang(), m.generation(), m.rank()), joining);
  }

  /** As {@link dev.troupe.collective.Collectives#end}. */
  public void end(String gang, long generation, String reason) {
    List<Joining> ended = new ArrayList<>();
    synchronized (this) {
      fences.merge(gang, generation + 1, Math::max);
      joined.forEach(
          (place, joining) -> {
            if (place.gang().equals(gang) && place.generation() <= generation) {
              ended.add(joining);
            }
          });
      notifyAll();
    }
    ended.forEach(j -> j.fate().end(GenerationEndedException.NO_SUSPECT, reason, null));
  }

  @Override
  public void close() {
    List<Joining> ended;
    synchronized (this) {
      closed = true;
      ended = List.copyOf(joined.values());
      notifyAll();
    }
    ended.forEach(
        j ->
            j.fate().end(GenerationEndedException.NO_SUSPECT, "the worker is shutting down", null));
    arriving.forEach(Listener::close);
    try {
      server.close();
    } catch (IOException e) {
      LOG.warn("closing the data port: {}", e.toString());
    }
  }

  private static void close(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.debug("closing a connection: {}", e.toString());
    }
  }
}
