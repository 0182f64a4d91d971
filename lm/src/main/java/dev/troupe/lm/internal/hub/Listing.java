package dev.troupe.lm.internal.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.troupe.lm.HubException;
import dev.troupe.lm.ModelSource;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What the hub says a revision holds: the answer to {@code /api/models/ORG/NAME/revision/REV}.
 *
 * @param commit 40 hexadecimal digits
 * @param files entries by name; size and hash where the hub told them. Only names that stand in the
 *     repository's top folder and can do no harm as a file's name are kept
 */
record Listing(String commit, Map<String, Entry> files) {

  /** One file, as far as the listing tells. */
  record Entry(long size, Optional<FileHash> hash) {}

  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

  /** No folders, no leading dot: others wrote these names, and files get them here. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][\\w.-]{0,199}");

  private static final ObjectMapper JSON = new ObjectMapper();

  static Listing parse(ModelSource.Hub source, byte[] answer) {
    JsonNode json = json(source, answer);
    String commit = json.path("sha").asText();
    if (!COMMIT.matcher(commit).matches()) {
      throw new HubException(
          source
              + ": the hub's listing has no commit in its field sha (is this a hub's endpoint?)");
    }
    Map<String, Entry> files = new TreeMap<>();
    for (JsonNode file : json.path("siblings")) {
      String name = file.path("rfilename").asText();
      if (NAME.matcher(name).matches()) {
        JsonNode lfs = file.path("lfs");
        String hash = lfs.isObject() ? lfs.path("sha256").asText() : file.path("blobId").asText();
        files.put(name, new Entry(file.path("size").asLong(-1), FileHash.of(hash)));
      }
    }
    return new Listing(commit, files);
  }

  private static JsonNode json(ModelSource.Hub source, byte[] answer) {
    try {
      JsonNode json = JSON.readTree(answer);
      return json == null ? JSON.missingNode() : json;
    } catch (IOException e) {
      throw new HubException(
          source + ": the hub's listing is not JSON (is this a hub's endpoint?)", false, e);
    }
  }
}
