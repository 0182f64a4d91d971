package dev.troupe.store.internal;

import dev.troupe.core.StoreException;
import dev.troupe.store.BlobNames;
import dev.troupe.store.GcReport;
import dev.troupe.store.References;
import dev.troupe.store.StoredBlob;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Collects blobs that nobody needs, so that no order of events loses one that somebody does.
 *
 * <p>A blob is <em>live</em> if the journal mentions its hash, or a live blob does: a checkpoint's
 * manifest names its files, a spilled result may name what it consists of. One that is not live is
 * moved to the trash when
 *
 * <ul>
 *   <li>it was last put longer ago than the age that a user sets, and
 *   <li>before the oldest job that is still open was accepted, for that job may hold its name in
 *       memory; or it belongs to a checkpoint that newer ones have superseded, which nobody does.
 * </ul>
 *
 * <p>From the trash it is deleted by a later round, under the same rules, counted from the moment
 * it got there. Until then whoever reads it gets it back, and so does everyone once it is live: a
 * writer may have found the blob there, and made it young, just between the last look at its age
 * and the move. References are read anew after the storage was looked through, so one that was
 * written meanwhile counts.
 */
public final class Collector {

  private static final Logger log = LoggerFactory.getLogger(Collector.class);

  /** Blobs dealt with in one round; the rest waits for the next. */
  static final int MOST_AT_ONCE = 20_000;

  /** How long a blob is in the trash at the least. */
  static final Duration GRACE = Duration.ofHours(1);

  /** Clocks differ, and a put of what is there may leave its time as it is for a while. */
  static final Duration MARGIN = Duration.ofHours(1);

  /** Blobs up to here are searched for names whatever they are; beyond it, only JSON. */
  private static final long SEARCHED_ANYWAY = 16 << 20;

  /** Blobs whose names for others are remembered; blobs do not change. */
  private static final int REMEMBERED = 10_000;

  private final Collectable storage;
  private final Map<String, List<String>> mentions =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, List<String>> eldest) {
          return size() > REMEMBERED;
        }
      };

  public Collector(Collectable storage) {
    this.storage = storage;
  }

  /** See {@link dev.troupe.store.BlobStore#collect}. */
  public synchronized GcReport collect(Supplier<References> references, Duration olderThan) {
    Instant limit = Instant.now().minus(olderThan);
    References first = references.get();
    Needed before = new Needed(first, superseded(first));
    Found blobs = find(storage::forEach, blob -> before.isGarbage(blob, limit));
    Found trash = find(storage::forEachTrashed, blob -> true);
    if (blobs.some().isEmpty() && trash.some().isEmpty()) {
      return new GcReport(blobs.others(), 0, 0, 0, 0, false);
    }
    // Of what was written meanwhile, too.
    Needed now = new Needed(references.get(), before.superseded);
    long restored = 0;
    long removed = 0;
    long bytesFreed = 0;
    Instant trashedBefore = Instant.now().minus(GRACE);
    for (StoredBlob blob : trash.some()) {
      if (now.isLive(blob)) {
        restored += storage.restore(blob.sha256()) ? 1 : 0;
      } else if (now.isGarbage(blob, trashedBefore)) {
        storage.deleteTrashed(blob.sha256());
        removed++;
        bytesFreed += blob.bytes();
      }
    }
    long trashed = 0;
    for (StoredBlob blob : blobs.some()) {
      if (now.isGarbage(blob, limit) && storage.trash(blob.sha256(), limit)) {
        trashed++;
      }
    }
    return new GcReport(
        blobs.others() + blobs.some().size() - trashed,
        trashed,
        restored,
        removed,
        bytesFreed,
        blobs.more() || trash.more());
  }

  private interface Test {
    boolean test(StoredBlob blob);
  }

  /**
   * @param some those that pass the test, {@link #MOST_AT_ONCE} at the most
   * @param others the number of the others
   */
  private record Found(List<StoredBlob> some, long others, boolean more) {}

  private static Found find(Consumer<Consumer<StoredBlob>> source, Test test) {
    List<StoredBlob> some = new ArrayList<>();
    long[] others = new long[1];
    boolean[] more = new boolean[1];
    source.accept(
        blob -> {
          if (!test.test(blob)) {
            others[0]++;
          } else if (some.size() < MOST_AT_ONCE) {
            some.add(blob);
          } else {
            others[0]++;
            more[0] = true;
          }
        });
    return new Found(some, others[0], more[0]);
  }

  /** Which of the superseded manifests are still somewhere. */
  private Set<String> superseded(References references) {
    Set<String> present = new HashSet<>();
    if (!references.superseded().isEmpty()) {
      Consumer<StoredBlob> note =
          blob -> {
            if (references.superseded().contains(blob.sha256())) {
              present.add(blob.sha256());
            }
          };
      storage.forEach(note);
      storage.forEachTrashed(note);
    }
    return present;
  }

  /** What must stay, by one reading of the references. */
  private final class Needed {

    private final Set<String> superseded;
    private final Set<String> live;
    private final Set<String> outdated;
    private final Instant openSince;

    Needed(References references, Set<String> superseded) {
      this.superseded = superseded;
      this.live = reach(references.named());
      this.outdated = reach(superseded);
      this.openSince = references.openSince().minus(MARGIN);
    }

    boolean isLive(StoredBlob blob) {
      return live.contains(blob.sha256());
    }

    boolean isGarbage(StoredBlob blob, Instant limit) {
      return !isLive(blob)
          && blob.since().isBefore(limit)
          && (outdated.contains(blob.sha256()) || blob.since().isBefore(openSince));
    }
  }

  /** All that is named, and what these name in turn. */
  private Set<String> reach(Set<String> named) {
    Set<String> reached = new HashSet<>(named);
    Deque<String> todo = new ArrayDeque<>(named);
    while (!todo.isEmpty()) {
      for (String name : mentioned(todo.pop())) {
        if (reached.add(name)) {
          todo.add(name);
        }
      }
    }
    return reached;
  }

  /** What a blob names; nothing if there is no such blob, for then it is a hash of other things. */
  private List<String> mentioned(String sha256) {
    List<String> known = mentions.get(sha256);
    if (known != null) {
      return known;
    }
    try {
      Optional<Collectable.Content> content = storage.content(sha256);
      if (content.isEmpty()) {
        return List.of();
      }
      List<String> names;
      try (InputStream in = content.get().in()) {
        names = content.get().bytes() <= SEARCHED_ANYWAY ? search(in) : searchJson(in);
      }
      mentions.put(sha256, names);
      return names;
    } catch (IOException e) {
      throw new StoreException(
          "cannot read blob " + sha256 + " for what it refers to: " + e.getMessage(), e);
    }
  }

  private static List<String> search(InputStream in) throws IOException {
    Set<String> names = new HashSet<>();
    BlobNames.find(in, names::add);
    return List.copyOf(names);
  }

  private static List<String> searchJson(InputStream in) throws IOException {
    int first = in.read();
    if (first != '{' && first != '[' && first != '"') {
      return List.of();
    }
    log.debug("Searching a large JSON blob for names");
    return search(in);
  }
}
