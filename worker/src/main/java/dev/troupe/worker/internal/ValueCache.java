package dev.troupe.worker.internal;

import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Values of {@link dev.troupe.core.WorkContext#cached}: least recently used out first, one loader a
 * key at a time. A piece of work holds what it asked for until it ends ({@link Scope}), so a value
 * is never closed under its user; while more than {@code maxEntries} are in use, all of them stay.
 */
public final class ValueCache {

  private static final Logger LOG = LoggerFactory.getLogger(ValueCache.class);

  private static final class Entry {
    final String key;
    int users;
    boolean loaded;
    Object value;

    Entry(String key) {
      this.key = key;
    }
  }

  private final int maxEntries;
  private final Map<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

  public ValueCache(int maxEntries) {
    this.maxEntries = maxEntries;
  }

  /** The values that one piece of work uses. */
  public final class Scope implements AutoCloseable {

    private final Set<Entry> used = new HashSet<>();

    private Scope() {}

    /** The value under {@code key}, loaded if there is none. */
    @SuppressWarnings("unchecked") // a key names one kind of value: the contract of `cached`
    public synchronized <T> T get(String key, Callable<T> load) throws Exception {
      Entry entry = acquire(key);
      if (!used.add(entry)) {
        release(entry);
      }
      synchronized (entry) {
        if (!entry.loaded) {
          entry.value = load.call();
          entry.loaded = true;
        }
        return (T) entry.value;
      }
    }

    @Override
    public synchronized void close() {
      used.forEach(ValueCache.this::release);
      used.clear();
      evict();
    }
  }

  public Scope newScope() {
    return new Scope();
  }

  /** Values kept. */
  public synchronized int size() {
    return entries.size();
  }

  private synchronized Entry acquire(String key) {
    Entry entry = entries.computeIfAbsent(key, Entry::new);
    entry.users++;
    return entry;
  }

  private synchronized void release(Entry entry) {
    entry.users--;
  }

  private void evict() {
    while (true) {
      Entry victim;
      synchronized (this) {
        victim = entries.size() > maxEntries ? leastRecentlyUsed() : null;
        if (victim == null) {
          return;
        }
        entries.remove(victim.key);
      }
      close(victim);
    }
  }

  private Entry leastRecentlyUsed() {
    for (Iterator<Entry> all = entries.values().iterator(); all.hasNext(); ) {
      Entry entry = all.next();
      if (entry.users == 0) {
        return entry;
      }
    }
    return null;
  }

  private static void close(Entry entry) {
    if (entry.value instanceof AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (Exception e) {
        LOG.warn("cached value '{}' failed to close", entry.key, e);
      }
    }
  }
}
