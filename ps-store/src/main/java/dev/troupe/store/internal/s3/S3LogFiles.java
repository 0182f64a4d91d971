package dev.troupe.store.internal.s3;

import dev.troupe.cluster.S3Config;
import dev.troupe.core.StoreException;
import dev.troupe.store.internal.LogFiles;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Logs as objects, {@code logs/JOB/0000000000000000000.log} and on. Objects cannot be added to, so
 * the last segment is written anew with each batch; segments are small. The writer remembers what
 * it wrote, so that it does not read it back.
 */
public final class S3LogFiles implements LogFiles {

  private static final long LARGEST = 1 << 18;

  /** Logs whose list and last segment are remembered. */
  private static final int REMEMBERED = 64;

  private static final long LISTED_FOR_NANOS = 1_000_000_000;
  private static final Pattern NAME = Pattern.compile("\\d{19}\\.log");

  private final Bucket bucket;
  private final Map<String, Known> known =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Known> eldest) {
          return size() > REMEMBERED;
        }
      };

  /** A log that this process writes, as it was when it last looked. */
  private static final class Known {
    final List<Segment> segments;
    final long at = System.nanoTime();

    /** The content of the last segment. */
    final byte[] last;

    Known(List<Segment> segments, byte[] last) {
      this.segments = segments;
      this.last = last;
    }
  }

  private S3LogFiles(Bucket bucket) {
    this.bucket = bucket;
  }

  public static S3LogFiles open(S3Config config) {
    return new S3LogFiles(S3BlobStore.bucket(config));
  }

  private static String key(String job, Segment segment) {
    return start(job) + String.format("%019d", segment.start()) + ".log";
  }

  private static String start(String job) {
    return "logs/" + job + "/";
  }

  @Override
  public List<Segment> list(String job) {
    Known before = known(job);
    boolean isWriter = before != null && before.last != null;
    if (isWriter && System.nanoTime() - before.at < LISTED_FOR_NANOS) {
      return before.segments;
    }
    List<Segment> segments = new ArrayList<>();
    bucket.list(
        start(job),
        entry -> {
          String name = entry.key().substring(start(job).length());
          if (NAME.matcher(name).matches()) {
            segments.add(new Segment(Long.parseLong(name.substring(0, 19)), entry.bytes()));
          }
        });
    if (isWriter && before.segments.equals(segments)) {
      remember(job, new Known(before.segments, before.last));
    } else {
      forgetKnown(job); // somebody else writes it now
    }
    return segments;
  }

  private synchronized Known known(String job) {
    return known.get(job);
  }

  private synchronized void remember(String job, Known now) {
    known.put(job, now);
  }

  private synchronized void forgetKnown(String job) {
    known.remove(job);
  }

  @Override
  public byte[] read(String job, Segment segment, long position, int length) {
    Known now = known(job);
    if (now != null && isLast(now, segment)) {
      return Arrays.copyOfRange(now.last, (int) position, (int) position + length);
    }
    byte[] data =
        bucket
            .get(key(job, segment), position, length)
            .orElseThrow(
                () ->
                    new StoreException(
                        "cannot read " + bucket.config().show(key(job, segment)) + ": it is gone"));
    if (data.length != length) {
      throw new StoreException(
          "cannot read %s: it ends at byte %d (expected: %d at the least)"
              .formatted(
                  bucket.config().show(key(job, segment)),
                  position + data.length,
                  position + length));
    }
    return data;
  }

  private static boolean isLast(Known now, Segment segment) {
    return now.segments.get(now.segments.size() - 1).equals(segment);
  }

  @Override
  public void append(String job, Segment segment, byte[] bytes) {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    if (segment.length() > 0) {
      whole.writeBytes(read(job, segment, 0, (int) segment.length()));
    }
    whole.writeBytes(bytes);
    List<Segment> segments = new ArrayList<>(list(job));
    forgetKnown(job); // until it is known whether it was written
    bucket.put(key(job, segment), Body.of(whole.toByteArray()));
    segments.removeIf(s -> s.start() == segment.start());
    segments.add(new Segment(segment.start(), whole.size()));
    remember(job, new Known(List.copyOf(segments), whole.toByteArray()));
  }

  @Override
  public void delete(String job, Segment segment) {
    forgetKnown(job);
    bucket.delete(key(job, segment));
  }

  @Override
  public void forget(String job) {
    forgetKnown(job);
  }

  @Override
  public long largestSegment() {
    return LARGEST;
  }
}
