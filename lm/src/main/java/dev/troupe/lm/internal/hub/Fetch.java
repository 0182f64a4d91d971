package dev.troupe.lm.internal.hub;

import dev.troupe.lm.HubListener;
import dev.troupe.lm.HubSettings;
import dev.troupe.lm.ModelSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Brings one revision of a repository to this host. Its commit is known. */
public final class Fetch {

  private final HubSettings settings;
  private final ModelSource.Hub source;
  private final HubListener listener;
  private final HubCache cache;
  private final Attempts attempts;

  /**
   * @param source pinned
   */
  public Fetch(HubSettings settings, ModelSource.Hub source, HubListener listener) {
    this.settings = settings;
    this.source = source;
    this.listener = listener;
    this.cache = new HubCache(settings, source.repository());
    this.attempts = new Attempts(settings.limits(), listener);
  }

  /** All of the model; one process of the host fetches it, the others wait and find it. */
  public Path model() throws IOException, InterruptedException {
    Optional<Path> here = cache.whole(source);
    if (here.isPresent()) {
      return here.get();
    }
    try (HostLock lock = HostLock.take(cache.lockFile(), source.toString(), listener)) {
      here = cache.whole(source);
      return here.isPresent() ? here.get() : fetch(lock);
    }
  }

  private Path fetch(HostLock lock) throws IOException, InterruptedException {
    HubClient client = new HubClient(settings);
    Listing listing = attempts.run(() -> client.list(source));
    FetchProgress progress = new FetchProgress(source, listener, lock);
    Downloader downloader = new Downloader(client, cache, source, attempts, progress);
    List<HubFile> files = new ArrayList<>();
    for (String name : ModelFiles.withoutShards(source, listing.files().keySet())) {
      files.add(file(client, listing, name));
    }
    HubFile last = files.get(files.size() - 1);
    if (last.name().equals(ModelFiles.INDEX)) {
      Path index = downloader.fetch(last);
      for (String shard : ModelFiles.shards(source, index, listing.files().keySet())) {
        files.add(file(client, listing, shard));
      }
    }
    cache.requireRoom(source, files);
    progress.start(files.stream().mapToLong(HubFile::size).sum());
    for (HubFile file : files) {
      downloader.fetch(file);
    }
    progress.done();
    return cache.markWhole(source.revision(), files);
  }

  private HubFile file(HubClient client, Listing listing, String name)
      throws IOException, InterruptedException {
    Listing.Entry entry = listing.files().get(name);
    if (entry.hash().isPresent() && entry.size() >= 0) {
      return new HubFile(name, entry.size(), entry.hash().get());
    }
    return attempts.run(() -> client.describe(source, name));
  }

  /**
   * A folder that holds {@code config.json}; empty if another process is just fetching the model.
   */
  public Optional<Path> config() throws IOException, InterruptedException {
    Optional<HostLock> free = HostLock.tryTake(cache.lockFile());
    if (free.isEmpty()) {
      return Optional.empty();
    }
    try (HostLock lock = free.get()) {
      HubClient client = new HubClient(settings);
      Listing listing = attempts.run(() -> client.list(source));
      ModelFiles.withoutShards(source, listing.files().keySet());
      FetchProgress progress = new FetchProgress(source, listener, lock);
      new Downloader(client, cache, source, attempts, progress)
          .fetch(file(client, listing, ModelFiles.CONFIG));
      return Optional.of(cache.snapshot(source.revision()));
    }
  }
}
