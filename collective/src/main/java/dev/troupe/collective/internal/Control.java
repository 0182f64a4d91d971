package dev.troupe.collective.internal;

import dev.troupe.collective.Membership;
import dev.troupe.core.GenerationEndedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The small connection that every pair of ranks keeps open, shared memory or not. The kernel closes
 * it when a process dies, so a loss is seen within milliseconds; and it answers, on a thread of its
 * own, which operation this rank is in, so that of several ranks that wait, none is blamed but the
 * one that does not answer or has not arrived.
 */
final class Control {
  /** A rank that does not answer within this is taken for frozen. */
  private static final Duration ANSWER_TIME = Duration.ofMillis(500);

  /** After an orderly end: how long to wait for the others' goodbye before closing on them. */
  private static final Duration LINGER = Duration.ofSeconds(5);

  private static final int MAIL_LIMIT = 4096;

  /** One message from a rank. */
  record Mail(int from, Message message) {}

  /** What is known about one peer. */
  private static final class Link {
    final int peer;
    final SocketChannel channel;
    final ByteBuffer in = ByteBuffer.allocate(2 * Message.MAX);
    volatile long leftAfter = Long.MAX_VALUE;
    volatile long answered;
    volatile long entered;
    volatile boolean closed;

    Link(int peer, SocketChannel channel) {
      this.peer = peer;
      this.channel = channel;
    }
  }

  private final Membership membership;
  private final Fate fate;
  private final Ops ops;
  private final long stallNanos;
  private final List<Link> links = new CopyOnWriteArrayList<>();
  private final Selector selector;
  private final Thread thread;
  private final BlockingQueue<Mail> mail = new ArrayBlockingQueue<>(MAIL_LIMIT);

  private volatile long closeAt = Long.MAX_VALUE;
  private volatile boolean closing;

  // Of the waiting thread alone:
  private long query;
  private long queriedAt;
  private long queriedFor;

  Control(Membership membership, Fate fate, Ops ops, Duration stall) {
    this.membership = membership;
    this.fate = fate;
    this.ops = ops;
    this.stallNanos = stall.toNanos();
    try {
      selector = Selector.open();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    fate.heraldedBy(this::tellEnd);
    String name = "troupe-control-" + membership.gang() + "-" + membership.rank();
    thread = new Thread(this::run, name);
    thread.setDaemon(true);
    thread.start();
  }

  /** From now on the loss of this connection ends the generation. */
  void add(int peer, SocketChannel channel) throws IOException {
    channel.configureBlocking(false);
    Link link = new Link(peer, channel);
    links.add(link);
    channel.register(selector, SelectionKey.OP_READ, link);
    selector.wakeup();
  }

  void send(int peer, Message message) {
    for (Link link : links) {
      if (link.peer == peer) {
        send(link, message);
      }
    }
  }

  private void send(Link link, Message message) {
    ByteBuffer bytes = message.encode();
    long giveUp = System.nanoTime() + ANSWER_TIME.toNanos();
    try {
      synchronized (link) {
        while (bytes.hasRemaining()) {
          if (link.channel.write(bytes) == 0) {
            if (System.nanoTime() > giveUp) {
              return; // its buffers are full: frozen, and found out as such by who waits for it
            }
            Thread.onSpinWait();
          }
        }
      }
    } catch (IOException e) {
      // Judged by the reader: the reason for the other's leaving may still wait to be read.
      selector.wakeup();
    }
  }

  private void tellEnd(GenerationEndedException end) {
    if (closing) {
      return; // the others were told already: goodbye
    }
    for (Link link : links) {
      if (!link.closed) { // the suspect, too: stopped for a while, it reads why it is out
        send(link, new Message(Message.Kind.ABORT, end.suspect(), 0, end.getMessage()));
      }
    }
  }

  /** The next message about segments, null after a while; ends the wait with the generation. */
  Mail takeMail() {
    try {
      fate.check();
      return mail.poll(10, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      fate.end(GenerationEndedException.NO_SUSPECT, "interrupted " + ops.place(), e);
      fate.check();
      throw new AssertionError("unreachable: the generation was ended above", e);
    }
  }

  /** Fails if a rank has left for good before the operation that this rank is in. */
  void checkAllStay() {
    fate.check();
    for (Link link : links) {
      if (link.leftAfter < ops.entered()) {
        fate.end(
            link.peer,
            membership.name(link.peer) + " left before " + ops.name() + ", which needs it",
            null);
        fate.check();
      }
    }
  }

  /**
   * To be called now and then while waiting: finds out who is late once the wait is longer than the
   * limit, and ends the generation on that rank's account.
   *
   * @param since {@link System#nanoTime} when the wait began, or when data last came
   */
  void watch(long since) {
    checkAllStay();
    long now = System.nanoTime();
    if (now - since < stallNanos || links.isEmpty()) {
      return;
    }
    if (queriedFor != since || query == 0) {
      ask(since, now);
    } else if (now - queriedAt > ANSWER_TIME.toNanos()) {
      blame(now - since);
      ask(since, now);
    }
    fate.check();
  }

  private void ask(long since, long now) {
    query++;
    queriedAt = now;
    queriedFor = since;
    for (Link link : links) {
      send(link, Message.of(Message.Kind.QUERY, query, 0));
    }
  }

  private void blame(long waitedNanos) {
    String waited = String.format("%.1f s", waitedNanos / 1e9);
    for (Link link : links) {
      if (link.answered < query && link.leftAfter == Long.MAX_VALUE) {
        late(link, "no sign of life " + ops.place() + " for " + waited);
        return;
      }
    }
    for (Link link : links) {
      if (link.entered < ops.entered() && link.leftAfter == Long.MAX_VALUE) {
        String last = " (its last was operation #" + link.entered + ")";
        late(link, "it has not come to " + ops.name() + " for " + waited + last);
        return;
      }
    }
    if (waitedNanos > 2 * stallNanos) {
      fate.end(
          GenerationEndedException.NO_SUSPECT,
          "no data moved in " + ops.name() + " for " + waited + ", though all ranks are in it",
          null);
    }
  }

  private void late(Link link, String how) {
    fate.end(link.peer, membership.name(link.peer) + " is late: " + how, null);
  }

  private void run() {
    try (selector) {
      while (!done()) {
        selector.select(closing ? 50 : 1000);
        for (SelectionKey key : selector.selectedKeys()) {
          read((Link) key.attachment(), key);
        }
        selector.selectedKeys().clear();
      }
    } catch (IOException e) {
      fate.end(GenerationEndedException.NO_SUSPECT, "control connections failed: " + e, e);
    } finally {
      links.forEach(this::closeChannel);
    }
  }

  /** Orderly: all others have said goodbye, or have had the time to. Otherwise at once. */
  private boolean done() {
    boolean allLeft = links.stream().allMatch(l -> l.closed || l.leftAfter != Long.MAX_VALUE);
    return closing && (allLeft || System.nanoTime() - closeAt > 0);
  }

  private void read(Link link, SelectionKey key) {
    try {
      int count = link.channel.read(link.in);
      link.in.flip();
      var message = Message.decode(link.in);
      while (message.isPresent()) {
        handle(link, message.get());
        message = Message.decode(link.in);
      }
      link.in.compact();
      if (count < 0) {
        key.cancel();
        lost(link, null);
      }
    } catch (IOException | IllegalArgumentException e) {
      key.cancel();
      lost(link, e);
    }
  }

  private void lost(Link link, Exception cause) {
    link.closed = true;
    if (link.leftAfter == Long.MAX_VALUE) {
      fate.end(
          link.peer,
          membership.name(link.peer) + " is gone: connection closed " + ops.place(),
          cause);
    }
  }

  private void handle(Link link, Message message) {
    switch (message.kind()) {
      case GOODBYE -> link.leftAfter = message.a();
      case ABORT -> fate.end((int) message.a(), message.text(), null);
      case QUERY -> send(link, Message.of(Message.Kind.REPLY, message.a(), ops.entered()));
      case REPLY -> {
        link.entered = message.b();
        link.answered = message.a();
      }
      case MAP, MAPPED, UNMAPPABLE -> {
        if (!mail.offer(new Mail(link.peer, message))) {
          throw new IllegalArgumentException("more than " + MAIL_LIMIT + " messages about arenas");
        }
      }
    }
  }

  /**
   * A connection for data broke. If its rank or another has said why on the control connection,
   * that is the reason; it may be a moment behind.
   */
  void dataLost(int peer, IOException cause) {
    long until = System.nanoTime() + ANSWER_TIME.toNanos();
    while (!fate.over() && System.nanoTime() < until) {
      LockSupport.parkNanos(1_000_000);
    }
    fate.end(peer, membership.name(peer) + " is gone: connection closed " + ops.place(), cause);
    fate.check();
  }

  /** Ends the generation because a rank does something else than this one; to be thrown. */
  IllegalStateException mismatch(int peer, String what) {
    String reason =
        String.format(
            "%s does something else as operation #%d than %s: all ranks must call the same methods"
                + " in the same order with the same sizes",
            membership.name(peer), ops.entered(), what);
    fate.end(GenerationEndedException.NO_SUSPECT, reason, null);
    return new IllegalStateException(reason);
  }

  /** Says goodbye if all is well and lets the thread close the connections. */
  void close() {
    boolean orderly = !fate.over();
    closeAt = System.nanoTime() + (orderly ? LINGER.toNanos() : 0);
    if (orderly) {
      for (Link link : links) {
        send(link, Message.of(Message.Kind.GOODBYE, ops.entered(), 0));
      }
    }
    closing = true;
    selector.wakeup();
  }

  private void closeChannel(Link link) {
    try {
      link.channel.close();
    } catch (IOException e) {
      link.closed = true; // there is nothing left to do for it
    }
  }
}
