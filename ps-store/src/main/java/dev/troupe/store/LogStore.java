package dev.troupe.store;

import dev.troupe.cluster.StoreConfig;
import dev.troupe.core.StoreException;
import dev.troupe.store.internal.DirectoryLogFiles;
import dev.troupe.store.internal.JobLog;
import dev.troupe.store.internal.LogFiles;
import dev.troupe.store.internal.LogLines;
import dev.troupe.store.internal.s3.S3LogFiles;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The logs of jobs: one for each, only ever added to, {@code 2026-11-23T22:00:00.123Z train/0 |
 * text} a line, addressed by the number of bytes before it. A log has a limit; beyond it the oldest
 * part is dropped, which changes no address.
 *
 * <p>Nothing is held open or remembered between calls, so a job's log may be written by one process
 * after another and read by any. At a time, one process should write it.
 */
public final class LogStore {

  /** The fewest bytes a job that may be asked for. */
  public static final long MIN_BYTES_PER_JOB = 4096;

  private static final Pattern JOB = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

  private final LogFiles logs;
  private final long bytesPerJob;
  private final Lock[] locks =
      Stream.generate(ReentrantLock::new).limit(64).toArray(ReentrantLock[]::new);

  private LogStore(LogFiles logs, long bytesPerJob) {
    this.logs = logs;
    this.bytesPerJob = bytesPerJob;
  }

  /**
   * The logs under {@code directory/logs}.
   *
   * @param bytesPerJob of log kept for each job at the most, {@link #MIN_BYTES_PER_JOB} at the
   *     least
   */
  public static LogStore open(Path directory, long bytesPerJob) {
    Path logs = directory.toAbsolutePath().normalize().resolve("logs");
    return open(new DirectoryLogFiles(logs), bytesPerJob);
  }

  /**
   * The logs of the store that the configuration names.
   *
   * @param bytesPerJob as above
   */
  public static LogStore open(StoreConfig config, long bytesPerJob) {
    return config.s3().isPresent()
        ? open(S3LogFiles.open(config.s3().get()), bytesPerJob)
        : open(config.directory(), bytesPerJob);
  }

  private static LogStore open(LogFiles files, long bytesPerJob) {
    if (bytesPerJob < MIN_BYTES_PER_JOB) {
      throw new IllegalArgumentException(
          "bytesPerJob: " + bytesPerJob + " (expected: >= " + MIN_BYTES_PER_JOB + ")");
    }
    return new LogStore(files, bytesPerJob);
  }

  /**
   * Adds lines. They outlive this process once this returns, though not the machine's loss of
   * power. A line longer than 64 KiB is cut, and says so.
   *
   * @param source what wrote them: "driver", a task's key, or "gang-key/rank"
   * @param lines one or more lines, a line feed after each; the last may lack it
   * @throws StoreException if they cannot be written; of what did not fit in one part, some may
   *     have been
   */
  public void append(String job, String source, Instant time, String lines) {
    append(job, time, List.of(new Lines(source, lines)));
  }

  /**
   * Lines of one source.
   *
   * @param source what wrote them: "driver", a task's key, or "gang-key/rank"
   * @param text one or more lines, a line feed after each; the last may lack it
   */
  public record Lines(String source, String text) {}

  /** As {@link #append(String, String, Instant, String)}, for lines of several sources at once. */
  public void append(String job, Instant time, List<Lines> lines) {
    with(
        job,
        log -> {
          List<byte[]> formatted = new ArrayList<>();
          for (Lines some : lines) {
            formatted.addAll(LogLines.format(some.source(), time, some.text(), log.longestLine()));
          }
          log.append(formatted);
          return null;
        });
  }

  /**
   * Reads from an address on. The chunk ends with a line's end unless a line is longer than {@code
   * maxBytes}; at the log's end, and for a job without a log, it is empty. If what was at {@code
   * offset} has been dropped, the chunk is one line that says how many bytes are gone from there,
   * and the next chunk begins with the oldest line kept.
   *
   * @param offset bytes to skip; {@link Chunk#nextOffset} of the chunk before, 0 at first
   * @param maxBytes the longest chunk wanted, at least 1; only the line about dropped bytes may be
   *     longer
   * @throws StoreException if the log cannot be read
   */
  public Chunk read(String job, long offset, int maxBytes) {
    if (offset < 0) {
      throw new IllegalArgumentException("offset: " + offset + " (expected: >= 0)");
    }
    if (maxBytes < 1) {
      throw new IllegalArgumentException("maxBytes: " + maxBytes + " (expected: >= 1)");
    }
    return with(job, log -> log.read(offset, maxBytes));
  }

  /**
   * The address of the last so many lines: of the log's end for 0, and 0 if there are fewer (then
   * {@link #read} says whether lines before were dropped).
   */
  public long tailOffset(String job, int lines) {
    if (lines < 0) {
      throw new IllegalArgumentException("lines: " + lines + " (expected: >= 0)");
    }
    return with(job, log -> log.tailOffset(lines));
  }

  /** Removes a job's log, if there is one. */
  public void delete(String job) {
    with(
        job,
        log -> {
          log.delete();
          return null;
        });
  }

  private <T> T with(String job, Function<JobLog, T> use) {
    if (!JOB.matcher(job).matches()) {
      throw new IllegalArgumentException(
          "job: '"
              + job
              + "' (expected: up to 128 letters, digits, '-', '_' and '.', a letter or digit"
              + " first)");
    }
    Lock lock = locks[Math.floorMod(job.hashCode(), locks.length)];
    lock.lock();
    try {
      return use.apply(new JobLog(logs, job, bytesPerJob));
    } finally {
      lock.unlock();
    }
  }

  /** Some of a log. */
  public static final class Chunk {

    private final byte[] data;
    private final long nextOffset;

    public Chunk(byte[] data, long nextOffset) {
      this.data = data;
      this.nextOffset = nextOffset;
    }

    /** Lines in UTF-8; empty at the log's end. The caller's own. */
    public byte[] data() {
      return data;
    }

    /** Where to go on. */
    public long nextOffset() {
      return nextOffset;
    }
  }
}
