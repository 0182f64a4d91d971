package dev.troupe.store.internal;

import java.util.List;

/**
 * Where the parts of jobs' logs are. One process at a time writes a job's log. All methods throw
 * {@link dev.troupe.core.StoreException}.
 */
public interface LogFiles {

  /**
   * A part of a log.
   *
   * @param start the address of its first byte
   * @param length bytes in it
   */
  record Segment(long start, long length) {
    public long end() {
      return start + length;
    }
  }

  /** A job's segments, the oldest first; none if it has no log. */
  List<Segment> list(String job);

  /** Some of a segment: all these bytes are in it. */
  byte[] read(String job, Segment segment, long position, int length);

  /**
   * Adds to a segment, which is new if its length is 0; all of it or nothing.
   *
   * @param segment as it was before
   */
  void append(String job, Segment segment, byte[] bytes);

  /** Deletes a segment, if it is there. */
  void delete(String job, Segment segment);

  /** Deletes what a job's log leaves behind once its segments are gone. */
  void forget(String job);

  /** Segments are not to be larger. */
  long largestSegment();
}
