package dev.troupe.worker.internal;

import dev.troupe.cluster.protocol.ToJob;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Carries log lines of jobs to their entities, in order, in batches. A job that logs faster than
 * its lines can be journaled, or while no coordinator answers, loses its oldest lines beyond a
 * limit, and one line says how many.
 */
public final class LogShipper {

  /** Characters of one line that are kept. */
  static final int MAX_LINE_CHARS = 16 * 1024;

  /** Characters in one message: with three bytes each it is still within an Artery frame. */
  private static final int MAX_BATCH_CHARS = 32 * 1024;

  /** Characters of unshipped lines kept for each job. */
  private static final int MAX_BUFFER_CHARS = 8 << 20;

  /** Messages of one job under way; further lines wait in the buffer. */
  private static final int WINDOW = 32;

  private record Line(String source, String text) {}

  private static final class Buffer {
    final Deque<Line> lines = new ArrayDeque<>();
    long chars;
    long dropped;
    int underWay;
  }

  private final Outbox outbox;
  private final int maxLines;
  private final Map<String, Buffer> buffers = new HashMap<>();

  /**
   * @param maxLines unshipped lines kept for each job
   */
  public LogShipper(Outbox outbox, int maxLines) {
    this.outbox = outbox;
    this.maxLines = maxLines;
  }

  synchronized void append(String jobId, String source, String text) {
    Buffer buffer = buffers.computeIfAbsent(jobId, id -> new Buffer());
    String line =
        text.length() <= MAX_LINE_CHARS
            ? text
            : text.substring(0, MAX_LINE_CHARS) + " ... " + text.length() + " characters, cut";
    buffer.lines.add(new Line(source, line));
    buffer.chars += line.length();
    while (buffer.lines.size() > maxLines || buffer.chars > MAX_BUFFER_CHARS) {
      buffer.chars -= buffer.lines.remove().text().length();
      buffer.dropped++;
    }
  }

  /** Ships what has gathered, as far as the window allows. Called every 100 ms. */
  public synchronized void tick() {
    for (String jobId : List.copyOf(buffers.keySet())) {
      Buffer buffer = buffers.get(jobId);
      ship(jobId, buffer, WINDOW);
      if (buffer.lines.isEmpty() && buffer.underWay == 0) {
        buffers.remove(jobId);
      }
    }
  }

  /** Ships all of a job's lines now: its work ends, and the message that says so comes behind. */
  synchronized void flush(String jobId) {
    Buffer buffer = buffers.get(jobId);
    if (buffer != null) {
      ship(jobId, buffer, Integer.MAX_VALUE);
    }
  }

  private void ship(String jobId, Buffer buffer, int window) {
    while (!buffer.lines.isEmpty() && buffer.underWay < window) {
      int chars = 0;
      Map<String, StringBuilder> bySource = new LinkedHashMap<>();
      if (buffer.dropped > 0) {
        bySource
            .computeIfAbsent(buffer.lines.peek().source(), s -> new StringBuilder())
            .append("... ")
            .append(buffer.dropped)
            .append(" lines dropped\n");
        buffer.dropped = 0;
      }
      while (!buffer.lines.isEmpty() && chars < MAX_BATCH_CHARS - MAX_LINE_CHARS) {
        Line line = buffer.lines.remove();
        buffer.chars -= line.text().length();
        chars += line.text().length();
        StringBuilder text = bySource.computeIfAbsent(line.source(), s -> new StringBuilder());
        text.append(line.text()).append('\n');
      }
      bySource.forEach(
          (source, text) -> {
            buffer.underWay++;
            outbox.force(
                jobId, new ToJob.LogLines(source, text.toString()), () -> delivered(buffer));
          });
    }
  }

  private synchronized void delivered(Buffer buffer) {
    buffer.underWay--;
  }
}
