package dev.troupe.lm.internal.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.lm.HubException;
import dev.troupe.lm.HubSettings;
import dev.troupe.lm.ModelSource;
import dev.troupe.tensor.AtomicFile;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/**
 * What this host has of one repository.
 *
 * <pre>
 * HUB/ORG/NAME/lock                held by who changes anything but refs
 *              refs/main           the commit that this branch was when the hub was last asked
 *              blobs/HASH          contents, checked; HASH.part while they come
 *              snapshots/COMMIT/   a model folder: hard links to blobs, so that
 *                                  commits share what they have in common
 *              snapshots/COMMIT.json   name and size of each file, written when all are there
 * </pre>
 */
final class HubCache {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path root;

  HubCache(HubSettings settings, String repository) {
    String hub = settings.endpoint().getRawAuthority() + settings.endpoint().getRawPath();
    root =
        settings
            .cache()
            .toAbsolutePath()
            .normalize()
            .resolve(hub.replaceAll("[^A-Za-z0-9.-]", "_"))
            .resolve(repository);
  }

  /** The lock's file; its folder exists. */
  Path lockFile() throws IOException {
    return Files.createDirectories(root).resolve("lock");
  }

  /** A revision's model folder, if all of it is here. */
  Optional<Path> whole(ModelSource.Hub source) {
    return commit(source).filter(this::isWhole).map(this::snapshot);
  }

  private boolean isWhole(String commit) {
    Path list = list(commit);
    if (!Files.isRegularFile(list)) {
      return false;
    }
    try {
      JsonNode sizes = JSON.readTree(Files.readAllBytes(list));
      for (Map.Entry<String, JsonNode> file : sizes.properties()) {
        if (!isThere(snapshot(commit).resolve(file.getKey()), file.getValue().asLong(-1))) {
          return false;
        }
      }
      return !sizes.isEmpty();
    } catch (IOException e) {
      return false; // damaged: as good as not there
    }
  }

  /** The commit that a revision is, or was when the hub was last asked. */
  Optional<String> commit(ModelSource.Hub source) {
    if (source.pinned()) {
      return Optional.of(source.revision());
    }
    try {
      String commit = Files.readString(ref(source)).strip();
      return source.at(commit).pinned() ? Optional.of(commit) : Optional.empty();
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  void rememberCommit(ModelSource.Hub source, String commit) {
    if (!source.pinned()) {
      AtomicFile.write(ref(source), commit.getBytes(StandardCharsets.UTF_8));
    }
  }

  private Path ref(ModelSource.Hub source) {
    return root.resolve("refs")
        .resolve(URLEncoder.encode(source.revision(), StandardCharsets.UTF_8));
  }

  Path snapshot(String commit) {
    return root.resolve("snapshots").resolve(commit);
  }

  private Path list(String commit) {
    return root.resolve("snapshots").resolve(commit + ".json");
  }

  /** Whether a file's content is here, checked. */
  boolean has(HubFile file) {
    return isThere(blob(file), file.size());
  }

  private Path blob(HubFile file) {
    return root.resolve("blobs").resolve(file.hash().hex());
  }

  /** Where a file's content grows until it is whole; its folder exists. */
  Path part(HubFile file) throws IOException {
    return Files.createDirectories(root.resolve("blobs")).resolve(file.hash().hex() + ".part");
  }

  /** Makes the checked part a content that counts. */
  void keep(HubFile file) throws IOException {
    Files.move(part(file), blob(file), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Puts a content that is here into a model folder; returns its place. */
  Path link(HubFile file, String commit) throws IOException {
    Path place = Files.createDirectories(snapshot(commit)).resolve(file.name());
    if (!isThere(place, file.size())) {
      Files.deleteIfExists(place);
      link(place, blob(file));
    }
    return place;
  }

  private static void link(Path place, Path blob) throws IOException {
    try {
      Files.createLink(place, blob);
    } catch (UnsupportedOperationException | IOException e) {
      // a file system without hard links: this commit alone has the content
      Files.move(blob, place, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  /** From now on a revision needs no hub. */
  Path markWhole(String commit, Collection<HubFile> files) {
    ObjectNode sizes = JSON.createObjectNode();
    files.forEach(file -> sizes.put(file.name(), file.size()));
    AtomicFile.write(list(commit), sizes.toPrettyString().getBytes(StandardCharsets.UTF_8));
    return snapshot(commit);
  }

  /**
   * Looks whether the disk has room for what is missing.
   *
   * @throws HubException if it has not
   */
  void requireRoom(ModelSource.Hub source, Collection<HubFile> files) throws IOException {
    long needed = 0;
    for (HubFile file : files) {
      if (!has(file)) {
        Path part = part(file);
        needed += file.size() - (Files.exists(part) ? Files.size(part) : 0);
      }
    }
    long free = Files.getFileStore(root).getUsableSpace();
    if (needed > free) {
      throw new HubException(
          "%s: %d bytes are missing, %s has %d free (expected: room there, or another folder in %s)"
              .formatted(source, needed, root, free, HubSettings.CACHE));
    }
  }

  private static boolean isThere(Path file, long size) {
    try {
      return Files.isRegularFile(file) && Files.size(file) == size;
    } catch (IOException e) {
      return false;
    }
  }
}
