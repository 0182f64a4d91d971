package dev.troupe.lm.internal.hub;

import java.io.IOException;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The bytes of an answer, pulled piece by piece. Unlike the HTTP client's own stream, a wait ends
 * by a time limit, and by an interrupt.
 */
final class PulledBody implements Flow.Subscriber<List<ByteBuffer>>, AutoCloseable {

  /** What has to come within the limit on silence; less would be a connection that trickles. */
  private static final int PIECE = 64 << 10;

  /** What the client tells: more bytes, an error, or the end. */
  private static final class Event {
    private final Optional<byte[]> bytes;
    private final Throwable error;

    private Event(Optional<byte[]> bytes, Throwable error) {
      this.bytes = bytes;
      this.error = error;
    }
  }

  /** One list of buffers at the most, since one is asked for at a time, and the end. */
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

  private final Duration silence;
  private Flow.Subscription subscription;
  private boolean closed;
  private long deadline;
  private long sinceDeadline;

  private PulledBody(Duration silence) {
    this.silence = silence;
    this.deadline = System.nanoTime() + silence.toNanos();
  }

  static PulledBody of(Flow.Publisher<List<ByteBuffer>> publisher, Duration silence) {
    PulledBody body = new PulledBody(silence);
    publisher.subscribe(body);
    return body;
  }

  /**
   * Waits for the next bytes; empty at the end.
   *
   * @throws IOException if the connection breaks, or too little came for too long
   */
  Optional<byte[]> next() throws IOException, InterruptedException {
    Event event = events.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    if (event == null) {
      throw new HttpTimeoutException(
          "less than 64 KiB came within " + silence.toMillis() / 1e3 + " s");
    }
    if (event.error != null) {
      throw new IOException("the connection broke: " + event.error, event.error);
    }
    if (event.bytes.isEmpty()) {
      return event.bytes;
    }
    sinceDeadline += event.bytes.get().length;
    if (sinceDeadline >= PIECE) {
      sinceDeadline = 0;
      deadline = System.nanoTime() + silence.toNanos();
    }
    synchronized (this) {
      subscription.request(1);
    }
    return event.bytes;
  }

  @Override
  public synchronized void onSubscribe(Flow.Subscription given) {
    subscription = given;
    if (closed) {
      given.cancel();
    } else {
      given.request(1);
    }
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    byte[] bytes = new byte[buffers.stream().mapToInt(ByteBuffer::remaining).sum()];
    int at = 0;
    for (ByteBuffer buffer : buffers) {
      int length = buffer.remaining();
      buffer.get(bytes, at, length);
      at += length;
    }
    events.add(new Event(Optional.of(bytes), null));
  }

  @Override
  public void onError(Throwable error) {
    events.add(new Event(Optional.empty(), error));
  }

  @Override
  public void onComplete() {
    events.add(new Event(Optional.empty(), null));
  }

  /** Gives up what has not come yet. */
  @Override
  public synchronized void close() {
    closed = true;
    if (subscription != null) {
      subscription.cancel();
    }
  }
}
