package dev.troupe.store.internal;

import dev.troupe.core.StoreException;
import dev.troupe.store.LogStore.Chunk;
import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/**
 * One job's log: a directory of segments, each a file named by the address of its first byte. Lines
 * go to the last one; when it is full the next begins where it ends, and while all are too long the
 * first is deleted. Segments begin with a line and end with a line, so what is dropped is lines.
 *
 * <p>Opened for one call under the job's lock. Files are written and read through streams, not
 * channels: an interrupt of the calling thread must not cut a line.
 */
public final class JobLog {

  private static final int SEGMENTS = 8;
  private static final int LONGEST_LINE = 1 << 16;
  private static final int BLOCK = 1 << 16;
  private static final String SUFFIX = ".log";

  private final Path directory;
  private final long bytesPerJob;
  private final long segmentBytes;

  /** What is there now, by address. */
  private final Deque<Segment> segments = new ArrayDeque<>();

  /**
   * @param start the address of its first byte
   * @param length bytes in it
   */
  private record Segment(Path file, long start, long length) {
    long end() {
      return start + length;
    }
  }

  public JobLog(Path directory, long bytesPerJob) {
    this.directory = directory;
    this.bytesPerJob = bytesPerJob;
    this.segmentBytes = bytesPerJob / SEGMENTS;
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (name.matches("\\d{19}\\.log")) {
          long start = Long.parseLong(name.substring(0, name.length() - SUFFIX.length()));
          segments.add(new Segment(file, start, Files.size(file)));
        }
      }
    } catch (NoSuchFileException e) {
      segments.clear(); // no log yet, or just deleted
    } catch (IOException e) {
      throw Failures.reading(directory, e);
    }
    List<Segment> sorted = new ArrayList<>(segments);
    sorted.sort(Comparator.comparingLong(Segment::start));
    segments.clear();
    segments.addAll(sorted);
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
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw Failures.writing(directory, e, 0);
    }
    segments.addLast(
        new Segment(directory.resolve(String.format("%019d", end()) + SUFFIX), end(), 0));
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
      Segment oldest = segments.removeFirst();
      try {
        Files.deleteIfExists(oldest.file());
      } catch (IOException e) {
        throw new StoreException("cannot delete " + oldest.file() + ": " + e.getMessage(), e);
      }
    }
  }

  private void write(byte[] bytes) {
    Segment last = segments.removeLast();
    try (FileOutputStream out = new FileOutputStream(last.file().toFile(), true)) {
      out.write(bytes);
    } catch (IOException e) {
      StoreException failure = Failures.writing(last.file(), e, bytes.length);
      undo(last, failure);
      throw failure;
    }
    segments.addLast(new Segment(last.file(), last.start(), last.length() + bytes.length));
  }

  /** Takes back what was written of a batch, so that the caller may try it again. */
  private static void undo(Segment last, StoreException failure) {
    if (Files.exists(last.file())) {
      try (RandomAccessFile file = new RandomAccessFile(last.file().toFile(), "rw")) {
        file.setLength(last.length());
      } catch (IOException e) {
        failure.addSuppressed(e); // the next writer ends the line
      }
    }
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

  private static byte[] readAt(Segment segment, long position, int length) {
    byte[] data = new byte[length];
    try (RandomAccessFile file = new RandomAccessFile(segment.file().toFile(), "r")) {
      file.seek(position);
      file.readFully(data);
      return data;
    } catch (IOException e) {
      throw Failures.reading(segment.file(), e);
    }
  }

  public void delete() {
    try {
      for (Segment segment : segments) {
        Files.deleteIfExists(segment.file());
      }
      Files.deleteIfExists(directory);
    } catch (IOException e) {
      throw new StoreException("cannot delete " + directory + ": " + e.getMessage(), e);
    }
  }
}
