package dev.troupe.store.internal;

import dev.troupe.core.StoreException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Logs as directories, {@code JOB/0000000000000000000.log} and on. Files are written and read
 * through streams, not channels: an interrupt of the calling thread must not cut a line.
 */
public final class DirectoryLogFiles implements LogFiles {

  private static final String SUFFIX = ".log";
  private static final Pattern NAME = Pattern.compile("\\d{19}\\.log");

  private final Path logs;

  public DirectoryLogFiles(Path logs) {
    this.logs = logs;
  }

  private Path file(String job, Segment segment) {
    return logs.resolve(job).resolve(String.format("%019d", segment.start()) + SUFFIX);
  }

  @Override
  public List<Segment> list(String job) {
    List<Segment> segments = new ArrayList<>();
    try (Stream<Path> files = Files.list(logs.resolve(job))) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (NAME.matcher(name).matches()) {
          long start = Long.parseLong(name.substring(0, name.length() - SUFFIX.length()));
          segments.add(new Segment(start, Files.size(file)));
        }
      }
    } catch (NoSuchFileException e) {
      return List.of(); // no log yet, or just deleted
    } catch (IOException e) {
      throw Failures.reading(logs.resolve(job), e);
    }
    segments.sort(Comparator.comparingLong(Segment::start));
    return segments;
  }

  @Override
  public byte[] read(String job, Segment segment, long position, int length) {
    byte[] data = new byte[length];
    try (RandomAccessFile file = new RandomAccessFile(file(job, segment).toFile(), "r")) {
      file.seek(position);
      file.readFully(data);
      return data;
    } catch (IOException e) {
      throw Failures.reading(file(job, segment), e);
    }
  }

  @Override
  public void append(String job, Segment segment, byte[] bytes) {
    if (segment.length() == 0) {
      createDirectory(logs.resolve(job));
    }
    Path path = file(job, segment);
    try (FileOutputStream out = new FileOutputStream(path.toFile(), true)) {
      out.write(bytes);
    } catch (IOException e) {
      StoreException failure = Failures.writing(path, e, bytes.length);
      undo(path, segment.length(), failure);
      throw failure;
    }
  }

  private static void createDirectory(Path directory) {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw Failures.writing(directory, e, 0);
    }
  }

  /** Takes back what was written of a batch, so that the caller may try it again. */
  private static void undo(Path path, long length, StoreException failure) {
    if (Files.exists(path)) {
      try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
        file.setLength(length);
      } catch (IOException e) {
        failure.addSuppressed(e); // the next writer ends the line
      }
    }
  }

  @Override
  public void delete(String job, Segment segment) {
    delete(file(job, segment));
  }

  @Override
  public void forget(String job) {
    delete(logs.resolve(job));
  }

  private static void delete(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw new StoreException("cannot delete " + path + ": " + e.getMessage(), e);
    }
  }

  @Override
  public long largestSegment() {
    return Long.MAX_VALUE;
  }
}
