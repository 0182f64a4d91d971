package dev.troupe.collective.internal;

import dev.troupe.collective.CollectiveConfig;
import dev.troupe.collective.Membership;
import dev.troupe.collective.Peer;
import dev.troupe.core.GenerationEndedException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * One rank on its way into a generation: each pair of ranks gets its connections, the higher rank
 * connecting to the lower.
 */
final class Joining {
  private static final Duration RETRY = Duration.ofMillis(50);

  private final Membership membership;
  private final CollectiveConfig config;
  private final Groups groups;
  private final Fate fate;
  private final Ops ops = new Ops();
  private final Control control;
  private final long deadline;

  // Guarded by this: what is connected, the last trouble with each rank, a final refusal.
  private final boolean[] controlled;
  private final SocketChannel[][] lanes;
  private final String[] trouble;
  private String refusal;
  private boolean closed;

  Joining(Membership membership, CollectiveConfig config) {
    this.membership = membership;
    this.config = config;
    this.groups = Groups.of(membership, config.transport());
    this.fate = new Fate(membership.generation());
    this.control = new Control(membership, fate, ops, config.stallTimeout());
    this.deadline = System.nanoTime() + config.joinTimeout().toNanos();
    int size = membership.size();
    this.controlled = new boolean[size];
    this.trouble = new String[size];
    this.lanes = new SocketChannel[size][];
    for (int peer = 0; peer < size; peer++) {
      boolean remote = !groups.together(peer, membership.rank());
      lanes[peer] = new SocketChannel[remote ? config.connectionsPerPeer() : 0];
    }
    fate.onEnd(this::wake);
  }

  Membership membership() {
    return membership;
  }

  Fate fate() {
    return fate;
  }

  Ops ops() {
    return ops;
  }

  Control control() {
    return control;
  }

  Groups groups() {
    return groups;
  }

  /** Data connections to a rank; empty where memory is shared. */
  List<SocketChannel> lanes(int peer) {
    return List.of(lanes[peer]);
  }

  private synchronized void wake() {
    notifyAll();
  }

  /** What a connecting rank's settings must be; empty if they are right. */
  String objection(Hello hello) {
    if (hello.size() != membership.size()) {
      return differs("ranks", membership.size(), hello.size());
    }
    if (hello.from() <= membership.rank() || hello.from() >= membership.size()) {
      return "rank " + hello.from() + " has no reason to connect to rank " + membership.rank();
    }
    if (hello.transport() != config.transport()) {
      return differs("transport", config.transport(), hello.transport());
    }
    if (hello.lanes() != config.connectionsPerPeer()) {
      return differs("connectionsPerPeer", config.connectionsPerPeer(), hello.lanes());
    }
    if (hello.chunkBytes() != config.chunkBytes()) {
      return differs("chunkBytes", config.chunkBytes(), hello.chunkBytes());
    }
    if (hello.lane() >= lanes[hello.from()].length || hello.lane() < Hello.CONTROL) {
      return "the ranks disagree on who shares memory: check the host ids";
    }
    return "";
  }

  private String differs(String field, Object here, Object there) {
    return field + ": " + there + " (expected: " + here + ", as at rank " + membership.rank() + ")";
  }

  /** Takes over a connection that is past its handshake. */
  synchronized void accept(int peer, int lane, SocketChannel channel) throws IOException {
    boolean taken = lane == Hello.CONTROL ? controlled[peer] : lanes[peer][lane] != null;
    if (closed || taken || fate.over()) {
      channel.close();
      return;
    }
    channel.socket().setSoTimeout(0);
    if (lane == Hello.CONTROL) {
      control.add(peer, channel);
      controlled[peer] = true;
    } else {
      channel.configureBlocking(false);
      lanes[peer][lane] = channel;
    }
    notifyAll();
  }

  /** Connects to the lower ranks, waits for the higher; returns when all are there. */
  void run(Handshake handshake) {
    List<Thread> callers = new ArrayList<>();
    try {
      for (int peer = 0; peer < membership.rank(); peer++) {
        int target = peer;
        String name = "troupe-join-" + membership.gang() + "-" + membership.rank() + "-" + peer;
        Thread caller = new Thread(() -> callAll(handshake, target), name);
        caller.setDaemon(true);
        caller.start();
        callers.add(caller);
      }
      await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      fate.end(GenerationEndedException.NO_SUSPECT, "interrupted while joining", e);
      fate.check();
    } finally {
      callers.forEach(Thread::interrupt); // closes what one of them is connecting
    }
  }

  private synchronized void await() throws InterruptedException {
    while (!complete()) {
      fate.check();
      if (refusal != null) {
        fate.end(GenerationEndedException.NO_SUSPECT, refusal, null);
        throw new IllegalStateException(refusal);
      }
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        failMissing();
      }
      TimeUnit.NANOSECONDS.timedWait(this, Math.max(left, 1_000_000));
    }
    fate.check();
  }

  private synchronized boolean complete() {
    return missing().isEmpty();
  }

  private List<Integer> missing() {
    return IntStream.range(0, membership.size())
        .filter(peer -> peer != membership.rank())
        .filter(peer -> !controlled[peer] || Arrays.asList(lanes[peer]).contains(null))
        .boxed()
        .toList();
  }

  private void failMissing() {
    List<Integer> missing = missing();
    String names =
        missing.stream()
            .map(p -> membership.name(p) + (trouble[p] == null ? "" : ": " + trouble[p]))
            .collect(Collectors.joining(", "));
    String reason =
        String.format(
            "%s waited %.1f s for all %d ranks of %s generation %d; missing: %s",
            membership.name(membership.rank()),
            config.joinTimeout().toNanos() / 1e9,
            membership.size(),
            membership.gang(),
            membership.generation(),
            names);
    fate.end(missing.get(0), reason, null);
    fate.check();
  }

  private void callAll(Handshake handshake, int peer) {
    for (int lane = Hello.CONTROL; lane < lanes[peer].length; lane++) {
      if (!call(handshake, peer, lane)) {
        return;
      }
    }
  }

  /** Tries until it succeeds, is refused for good, or time is up. */
  private boolean call(Handshake handshake, int peer, int lane) {
    Hello hello =
        new Hello(
            membership.gang(),
            membership.generation(),
            membership.rank(),
            peer,
            membership.size(),
            lane,
            config.connectionsPerPeer(),
            config.chunkBytes(),
            config.transport());
    while (!fate.over() && !Thread.currentThread().isInterrupted()) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      try {
        return callOnce(handshake, hello, Duration.ofNanos(left));
      } catch (IOException e) {
        note(peer, e);
        if (!pause()) {
          return false;
        }
      }
    }
    return false;
  }

  private boolean callOnce(Handshake handshake, Hello hello, Duration timeout) throws IOException {
    Peer target = membership.peers().get(hello.to());
    SocketChannel channel = SocketChannel.open();
    boolean kept = false;
    try {
      var address = new InetSocketAddress(target.host(), target.dataPort());
      if (address.isUnresolved()) {
        throw new IOException("unknown host " + target.host());
      }
      Handshake.Answer answer = handshake.connect(channel, address, hello, timeout);
      if (answer.verdict() == Handshake.Verdict.WELCOME) {
        accept(hello.to(), hello.lane(), channel);
        kept = true;
        return true;
      }
      refused(hello.to(), answer);
      return false;
    } finally {
      if (!kept) {
        channel.close();
      }
    }
  }

  private void refused(int peer, Handshake.Answer answer) {
    if (deadline - System.nanoTime() <= 0) {
      return; // the peer has given up waiting, too; await names all who are missing
    }
    Peer target = membership.peers().get(peer);
    String where = membership.name(peer) + " at " + target.host() + ":" + target.dataPort();
    String reason = where + " refused the connection: " + answer.reason();
    if (answer.verdict() == Handshake.Verdict.STALE) {
      fate.end(GenerationEndedException.NO_SUSPECT, reason, null);
    } else {
      refuse(reason);
    }
  }

  private synchronized void refuse(String reason) {
    refusal = reason;
    notifyAll();
  }

  private synchronized void note(int peer, IOException e) {
    boolean silent = e instanceof SocketTimeoutException;
    String place =
        membership.peers().get(peer).host() + ":" + membership.peers().get(peer).dataPort();
    trouble[peer] = silent ? "has not joined" : place + ": " + e.getMessage();
  }

  private static boolean pause() {
    try {
      Thread.sleep(RETRY.toMillis());
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Closes the data connections; those for control close by themselves. */
  synchronized void close() {
    closed = true;
    control.close();
    for (SocketChannel[] channels : lanes) {
      for (SocketChannel channel : channels) {
        closeQuietly(channel);
      }
    }
  }

  private void closeQuietly(SocketChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      fate.end(GenerationEndedException.NO_SUSPECT, "closing a connection: " + e, e);
    }
  }
}
