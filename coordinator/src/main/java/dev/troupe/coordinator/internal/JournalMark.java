package dev.troupe.coordinator.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers beside an H2 journal how far it had got. H2 opens a file whose end was cut off at an
 * older state without a word; the mark tells.
 *
 * <p>It is written once a second if the journal has grown, after all that it counts is on disk. So
 * it is never ahead of an undamaged journal, whatever crashes, and what was written in the last
 * second before a crash goes unguarded.
 *
 * <p>It is also the first to know when the journal is broken: after a write that failed, on a full
 * disk say, H2 is closed for good in this process.
 */
final class JournalMark implements AutoCloseable {

  /** The journal's side of it. */
  interface Source {
    /** The number of the newest event; 0 if there is none. Numbers only grow. */
    long newest() throws SQLException;

    /** Returns when all that was committed is on disk. */
    void sync() throws SQLException;
  }

  private static final Logger LOG = LoggerFactory.getLogger(JournalMark.class);
  private static final long EVERY_MILLIS = 1_000;

  private final Path file;
  private final Source source;
  private final Consumer<Exception> whenBroken;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "journal-mark");
            thread.setDaemon(true);
            return thread;
          });
  private long marked;
  private boolean failing;

  private JournalMark(Path file, Source source, Consumer<Exception> whenBroken, long marked) {
    this.file = file;
    this.source = source;
    this.whenBroken = whenBroken;
    this.marked = marked;
  }

  /**
   * Compares the journal with its mark, and keeps the mark up to date from now on.
   *
   * @param journal what a message calls it
   * @param whenBroken told each second while the journal cannot be used
   * @throws Journal.Unusable if the journal has lost events
   */
  static JournalMark start(
      Path file, String journal, Source source, Consumer<Exception> whenBroken) {
    try {
      long marked = Files.exists(file) ? Long.parseLong(Files.readString(file).strip()) : 0;
      long newest = source.newest();
      if (newest < marked) {
        throw new Journal.Unusable(
            "journal %s has lost its end: its newest event is %d (expected: >= %d, by %s). Put its backup there, or remove that file to go on from this older state"
                .formatted(journal, newest, marked, file),
            null);
      }
      JournalMark mark = new JournalMark(file, source, whenBroken, marked);
      var unused =
          mark.timer.scheduleWithFixedDelay(
              mark::update, EVERY_MILLIS, EVERY_MILLIS, TimeUnit.MILLISECONDS);
      return mark;
    } catch (IOException | SQLException | NumberFormatException e) {
      throw new Journal.Unusable(
          "journal " + journal + " cannot be compared with " + file + ": " + e, e);
    }
  }

  private synchronized void update() {
    try {
      long newest = source.newest();
      if (newest > marked) {
        source.sync();
        write(newest);
      }
    } catch (SQLException | RuntimeException e) {
      whenBroken.accept(e);
    }
  }

  private void write(long newest) {
    try {
      Path next = Path.of(file + ".next");
      Files.writeString(next, newest + "\n");
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
      marked = newest;
      failing = false;
    } catch (IOException e) {
      if (!failing) {
        LOG.warn("{} cannot be written; it is tried again every second: {}", file, e.toString());
      }
      failing = true;
    }
  }

  /** Writes it a last time. To be called while the journal is open. */
  @Override
  public void close() {
    timer.shutdownNow();
    update();
  }
}
