package dev.troupe.lm.internal.hub;

import dev.troupe.lm.HubException;
import dev.troupe.lm.ModelSource;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Brings contents into the cache. What came before a connection broke (in this process or in one
 * that is dead) is gone on from; a content counts once its hash is right.
 */
final class Downloader {

  /** An attempt that brought so much is not counted among the failures in a row. */
  private static final long NOTEWORTHY = 8L << 20;

  private final HubClient client;
  private final HubCache cache;
  private final ModelSource.Hub source;
  private final Attempts attempts;
  private final FetchProgress progress;

  Downloader(
      HubClient client,
      HubCache cache,
      ModelSource.Hub source,
      Attempts attempts,
      FetchProgress progress) {
    this.client = client;
    this.cache = cache;
    this.source = source;
    this.attempts = attempts;
    this.progress = progress;
  }

  /** Fetches a file's content, unless it is here, and links it; returns its place. */
  Path fetch(HubFile file) throws IOException, InterruptedException {
    if (cache.has(file)) {
      progress.found(file.size());
    } else {
      fetchContent(file);
    }
    return cache.link(file, source.revision());
  }

  private void fetchContent(HubFile file) throws IOException, InterruptedException {
    Path part = cache.part(file);
    if (sizeOf(part) > file.size()) {
      Files.delete(part);
    }
    progress.found(sizeOf(part));
    if (!comesIntact(file, part)) { // an earlier process may have left a damaged beginning
      progress.lost(file.size());
      if (!comesIntact(file, part)) {
        throw new HubException(
            "%s: %s came twice with another content than its hash, %s (does a proxy change it?)"
                .formatted(source, file.name(), file.hash().hex()));
      }
    }
    cache.keep(file);
  }

  /** Completes the part; one whose hash is wrong is deleted. */
  private boolean comesIntact(HubFile file, Path part) throws IOException, InterruptedException {
    if (!Files.exists(part) || sizeOf(part) < file.size()) {
      attempts.run(() -> append(file, part));
    }
    boolean intact = file.hash().computeFrom(part).equals(file.hash());
    if (!intact) {
      Files.delete(part);
    }
    return intact;
  }

  /** Goes on where the part ends; returns its new size. */
  private long append(HubFile file, Path part)
      throws TryAgainException, IOException, InterruptedException {
    long start = sizeOf(part);
    long end = start;
    try (HubClient.Reply reply = client.open(source, file.name(), start);
        FileOutputStream out = new FileOutputStream(part.toFile(), reply.partial())) {
      if (!reply.partial()) { // it begins at the beginning
        progress.lost(start);
        end = 0;
      }
      for (Optional<byte[]> piece = reply.next(); piece.isPresent(); piece = reply.next()) {
        int length = piece.get().length;
        if (end + length > file.size()) {
          throw new HubException(
              "%s: %s is longer than the %d bytes that the hub says"
                  .formatted(source, file.name(), file.size()));
        }
        out.write(piece.get());
        end += length;
        progress.came(length);
      }
      out.getFD().sync();
      if (end < file.size()) {
        throw new TryAgainException(source + ": the connection ended", null);
      }
      return end;
    } catch (TryAgainException e) {
      throw e.with(
          " (%d of %d bytes of %s are here)".formatted(end, file.size(), file.name()),
          end - start >= NOTEWORTHY);
    }
  }

  private static long sizeOf(Path part) throws IOException {
    return Files.exists(part) ? Files.size(part) : 0;
  }
}
