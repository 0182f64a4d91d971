package dev.troupe.worker.internal;

import dev.troupe.cluster.protocol.FromWorker;
import dev.troupe.cluster.protocol.ToJob;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * What this worker has to tell jobs and what must not be lost: each message is kept until its job's
 * entity says that it is journaled, and sent again until then. While no coordinator answers,
 * finished work waits here.
 *
 * <p>Each job has a lane of its own, in order, with a window: Artery drops what overflows its send
 * queue, so no more than {@link #WINDOW} messages of a job are under way. A lane whose oldest
 * message is overdue sends nothing new until that one has arrived, which keeps the order over a
 * lost connection.
 *
 * <p>Bounded in bytes: {@link #put} waits for room, which holds back the work that produces
 * results.
 */
public final class Outbox {

  /** Messages of one job under way at the most. */
  static final int WINDOW = 64;

  /** An unanswered message is sent again after this. */
  static final Duration RESEND_AFTER = Duration.ofSeconds(1);

  private record Key(String incarnation, long id) {}

  private static final class Entry {
    final FromWorker.Envelope envelope;

    /** With which it is forgotten; null if it is of use without it. */
    final String leaseId;

    final int bytes;
    final Runnable onDelivered;
    long sentAt;

    Entry(FromWorker.Envelope envelope, String leaseId, int bytes, Runnable onDelivered) {
      this.envelope = envelope;
      this.leaseId = leaseId;
      this.bytes = bytes;
      this.onDelivered = onDelivered;
    }
  }

  private static final class Lane {
    final Map<Key, Entry> underWay = new LinkedHashMap<>();
    final Deque<Entry> waiting = new ArrayDeque<>();
    boolean stalled;
  }

  private final String workerId;
  private final long maxBytes;
  private final Map<String, Lane> lanes = new HashMap<>();
  private String incarnation;
  private ActorRef<FromWorker> gateway;
  private long nextId;
  private long bytes;
  private int count;

  /**
   * @param maxBytes of messages kept; beyond it {@link #put} waits
   */
  public Outbox(String workerId, String incarnation, long maxBytes) {
    this.workerId = workerId;
    this.incarnation = incarnation;
    this.maxBytes = maxBytes;
  }

  /**
   * Keeps and sends a message; waits while the outbox is full.
   *
   * @param onDelivered called once the job has it; must not block
   */
  public void put(String jobId, ToJob message, Runnable onDelivered) throws InterruptedException {
    put(jobId, leaseOf(message), message, onDelivered);
  }

  /** As {@link #put}, and kept when its lease ends: a driver acts on what it says. */
  void putForGood(String jobId, ToJob message, Runnable onDelivered) throws InterruptedException {
    put(jobId, null, message, onDelivered);
  }

  private synchronized void put(String jobId, String leaseId, ToJob message, Runnable onDelivered)
      throws InterruptedException {
    int size = Sizes.of(message);
    while (!hasRoom(size)) {
      wait();
    }
    add(jobId, leaseId, message, size, onDelivered);
  }

  /** As {@link #put}, but returns false instead of waiting. */
  public synchronized boolean offer(String jobId, ToJob message, Runnable onDelivered) {
    int size = Sizes.of(message);
    if (!hasRoom(size)) {
      return false;
    }
    add(jobId, leaseOf(message), message, size, onDelivered);
    return true;
  }

  /** As {@link #put}, however full the outbox is: for what is few or bounded by its sender. */
  public synchronized void force(String jobId, ToJob message, Runnable onDelivered) {
    add(jobId, leaseOf(message), message, Sizes.of(message), onDelivered);
  }

  /** Sends a message that may be lost. */
  public synchronized void note(String jobId, ToJob message) {
    if (gateway != null) {
      gateway.tell(new FromWorker.Note(jobId, workerId, incarnation, message));
    }
  }

  /** A coordinator answers: everything kept goes to it. */
  public synchronized void attach(ActorRef<FromWorker> newGateway) {
    gateway = newGateway;
    for (Lane lane : lanes.values()) {
      lane.stalled = false;
      lane.underWay.values().forEach(this::send);
      pump(lane);
    }
  }

  /** No coordinator answers: keep everything until one does. */
  public synchronized void detach() {
    gateway = null;
  }

  /** Sends again what has had no answer for {@link #RESEND_AFTER}. */
  public synchronized void resend() {
    long now = System.nanoTime();
    for (Lane lane : lanes.values()) {
      for (Entry entry : lane.underWay.values()) {
        if (now - entry.sentAt > RESEND_AFTER.toNanos()) {
          lane.stalled = true;
          send(entry);
        }
      }
    }
  }

  /** The job has journaled these. */
  public void delivered(String ofIncarnation, List<Long> ids) {
    List<Runnable> callbacks = new ArrayList<>();
    synchronized (this) {
      for (String jobId : List.copyOf(lanes.keySet())) {
        Lane lane = lanes.get(jobId);
        for (long id : ids) {
          Entry entry = lane.underWay.remove(new Key(ofIncarnation, id));
          if (entry != null) {
            lane.stalled = false;
            bytes -= entry.bytes;
            count--;
            callbacks.add(entry.onDelivered);
          }
        }
        pump(lane);
        if (lane.underWay.isEmpty() && lane.waiting.isEmpty()) {
          lanes.remove(jobId);
        }
      }
      notifyAll();
    }
    callbacks.forEach(Runnable::run);
  }

  /** The lease is over: what is kept of its work is of no use to anyone. */
  public synchronized void forget(String leaseId) {
    for (String jobId : List.copyOf(lanes.keySet())) {
      Lane lane = lanes.get(jobId);
      lane.underWay.values().removeIf(entry -> drop(entry, leaseId));
      lane.waiting.removeIf(entry -> drop(entry, leaseId));
      if (lane.underWay.isEmpty() && lane.waiting.isEmpty()) {
        lanes.remove(jobId);
      } else {
        pump(lane);
      }
    }
    notifyAll();
  }

  private boolean drop(Entry entry, String leaseId) {
    boolean ofLease = leaseId.equals(entry.leaseId);
    if (ofLease) {
      bytes -= entry.bytes;
      count--;
    }
    return ofLease;
  }

  /** The lease that a message speaks of; null if it is of use without it. */
  private static String leaseOf(ToJob message) {
    if (message instanceof ToJob.TasksEnded ended) {
      return ended.leaseId();
    } else if (message instanceof ToJob.TasksReturned returned) {
      return returned.leaseId();
    } else if (message instanceof ToJob.DriverEnded ended) {
      return ended.leaseId();
    } else if (message instanceof ToJob.MemberEnded ended) {
      return ended.leaseId();
    }
    return null;
  }

  /** The old incarnation is void, and with it all that it had to say. */
  public synchronized void fence(String newIncarnation) {
    incarnation = newIncarnation;
    lanes.clear();
    bytes = 0;
    count = 0;
    notifyAll();
  }

  /**
   * The worker gave its leases up by itself and goes on as a new incarnation. What it has finished
   * is still true and is delivered in that one's name.
   */
  public synchronized void renew(String newIncarnation) {
    incarnation = newIncarnation;
    for (Lane lane : lanes.values()) {
      List<Entry> kept = new ArrayList<>(lane.underWay.values());
      kept.addAll(lane.waiting);
      lane.underWay.clear();
      lane.waiting.clear();
      lane.stalled = false;
      for (Entry entry : kept) {
        FromWorker.Envelope old = entry.envelope;
        lane.waiting.add(
            new Entry(
                new FromWorker.Envelope(
                    old.jobId(), workerId, newIncarnation, old.messageId(), old.message()),
                entry.leaseId,
                entry.bytes,
                entry.onDelivered));
      }
      pump(lane);
    }
  }

  /** Messages kept. */
  public synchronized int size() {
    return count;
  }

  /** Bytes kept. */
  public synchronized long bytes() {
    return bytes;
  }

  private boolean hasRoom(int size) {
    return count == 0 || bytes + size <= maxBytes;
  }

  private void add(String jobId, String leaseId, ToJob message, int size, Runnable onDelivered) {
    FromWorker.Envelope envelope =
        new FromWorker.Envelope(jobId, workerId, incarnation, nextId++, message);
    Lane lane = lanes.computeIfAbsent(jobId, id -> new Lane());
    lane.waiting.add(new Entry(envelope, leaseId, size, onDelivered));
    bytes += size;
    count++;
    pump(lane);
  }

  private void pump(Lane lane) {
    while (gateway != null
        && !lane.stalled
        && lane.underWay.size() < WINDOW
        && !lane.waiting.isEmpty()) {
      Entry entry = lane.waiting.poll();
      lane.underWay.put(new Key(entry.envelope.incarnation(), entry.envelope.messageId()), entry);
      send(entry);
    }
  }

  private void send(Entry entry) {
    if (gateway != null) {
      entry.sentAt = System.nanoTime();
      gateway.tell(entry.envelope);
    }
  }
}
