package dev.troupe.store.internal;

import dev.troupe.store.LogStore.Chunk;
import dev.troupe.store.internal.LogFiles.Segment;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * One job's log: segments, each named by the address of its first byte. Lines go to the last one;
 * when it is full the next begins where it ends, and while all are too long the first is deleted.
 * Segments begin with a line and end with a line, so what is dropped is lines.
 *
 * <p>Opened for one call under the job's lock.
 */
public final class JobLog {

  private static final int SEGMENTS = 8;
  private static final int LONGEST_LINE = 1 << 16;
  private static final int BLOCK = 1 << 16;

  private final LogFiles files;
  private final String job;
  private final long bytesPerJob;
  private final long segmentBytes;

  /** What is there now, by address. */
  private final Deque<Segment> segments;

  public JobLog(LogFiles files, String job, long bytesPerJob) {
    this.files = files;
    this.job = job;
    this.bytesPerJob = bytesPerJob;
    this.segmentBytes = Math.min(bytesPerJob / SEGMENTS, files.largestSegment());
    this.segments = new ArrayDeque<>(files.list(job));
  }

  /** Bytes of the longest line that is taken, its line feed included. */
  public int longestLine() {
    return (int) Math.min(LONGEST_LINE, segmentBytes);
  }

  private long first() {
    return segments.isEmpty() ? 0 : segments.getFirst().start();
  }

  private long end() {
    return segments.isEmpty() ? 0 : segments.getLast().end();
  }

  /**
   * @param lines each with its line feed, none longer than {@link #longestLine}
   */
  public void append(List<byte[]> lines) {
    ByteArrayOutputStream batch = new ByteArrayOutputStream();
    long room = completeLastLine();
    for (byte[] line : lines) {
      if (line.length > room) {
        flush(batch);
        startSegment();
        room = segmentBytes;
      }
      batch.writeBytes(line);
      room -= line.length;
    }
    flush(batch);
  }

  /**
   * Ends a line that a writer that died left unfinished.
   *
   * @return bytes that the last segment still takes
   */
  private long completeLastLine() {
    if (segments.isEmpty()) {
      startSegment();
    }
    Segment last = segments.getLast();
    if (last.length() > 0 && readAt(last, last.length() - 1, 1)[0] != '\n') {
      write(new byte[] {'\n'});
    }
    return segmentBytes - segments.getLast().length();
  }

  private void startSegment() {
    segments.addLast(new Segment(end(), 0));
  }

  private void flush(ByteArrayOutputStream batch) {
    if (batch.size() > 0) {
      drop(batch.size());
      write(batch.toByteArray());
      batch.reset();
    }
  }

  /** Makes room by deleting the oldest segments. */
  private void drop(long needed) {
    while (segments.size() > 1 && end() - first() + needed > bytesPerJob) {
      files.delete(job, segments.removeFirst());
    }
  }

  private void write(byte[] bytes) {
    Segment last = segments.getLast();
    files.append(job, last, bytes);
    segments.removeLast();
    segments.addLast(new Segment(last.start(), last.length() + bytes.length));
  }

  /** See {@link dev.troupe.store.LogStore#read}. */
  public Chunk read(long offset, int maxBytes) {
    if (offset < first()) {
      return new Chunk(notice(first() - offset), first());
    }
    for (Segment segment : segments) {
      if (offset < segment.end()) {
        long skipped = offset - segment.start();
        int available = (int) Math.min(maxBytes, segment.end() - offset);
        byte[] data = readAt(segment, skipped, available);
        int length = skipped + available < segment.length() ? lineEnd(data) : available;
        byte[] chunk = length == data.length ? data : Arrays.copyOf(data, length);
        return new Chunk(chunk, offset + length);
      }
    }
    return new Chunk(new byte[0], end());
  }

  private byte[] notice(long dropped) {
    String text =
        "-- "
            + dropped
            + " bytes of log were dropped here (troupe.coordinator.log-bytes-per-job: "
            + bytesPerJob
            + ") --\n";
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** The length up to the last line feed; all if there is none. */
  private static int lineEnd(byte[] data) {
    for (int i = data.length - 1; i >= 0; i--) {
      if (data[i] == '\n') {
        return i + 1;
      }
    }
    return data.length;
  }

  /** See {@link dev.troupe.store.LogStore#tailOffset}. */
  public long tailOffset(int lines) {
    // The line feed that ends the line before the wanted ones; the log's last byte ends a line
    // itself, unless a writer died in it.
    long feeds = 0;
    for (Segment segment : (Iterable<Segment>) segments::descendingIterator) {
      long blockEnd = segment.length();
      while (blockEnd > 0) {
        int length = (int) Math.min(BLOCK, blockEnd);
        byte[] block = readAt(segment, blockEnd - length, length);
        for (int i = length - 1; i >= 0; i--) {
          long address = segment.start() + blockEnd - length + i;
          boolean endsLog = address == end() - 1;
          if (endsLog && lines == 0) {
            return end();
          }
          if (block[i] == '\n' && !endsLog && ++feeds == lines) {
            return address + 1;
          }
        }
        blockEnd -= length;
      }
    }
    return 0;
  }

  private byte[] readAt(Segment segment, long position, int length) {
    return files.read(job, segment, position, length);
  }

  public void delete() {
    segments.forEach(segment -> files.delete(job, segment));
    files.forget(job);
  }
}
