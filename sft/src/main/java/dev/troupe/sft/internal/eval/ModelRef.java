package dev.troupe.sft.internal.eval;

import dev.troupe.core.BlobRef;
import dev.troupe.core.TaskContext;
import dev.troupe.lm.ModelHub;
import dev.troupe.lm.ModelSource;
import dev.troupe.sft.internal.ModelFetch;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.TreeMap;

/**
 * Names a model for all workers.
 *
 * @param source a folder, or a repository of the hub with its commit; what it is called where
 *     {@code files} hold it
 * @param files of a model in the store, by name; empty if it is elsewhere
 */
public record ModelRef(String source, Map<String, BlobRef> files) {

  public ModelRef {
    files = new TreeMap<>(files);
  }

  /** A folder or a model of the hub, with its commit. */
  public static ModelRef of(String source) {
    return new ModelRef(source, Map.of());
  }

  /** Its folder on this host, fetched if it is not there. */
  ModelFolder folder(TaskContext context) throws IOException, InterruptedException {
    if (files.isEmpty()) {
      ModelSource from = ModelSource.parse(source);
      return new ModelFolder(
          ModelHub.ofEnvironment().fetch(from, ModelFetch.listener(context)), false);
    }
    ModelFolder folder =
        new ModelFolder(Files.createTempDirectory(context.scratch(), "model"), true);
    for (Map.Entry<String, BlobRef> file : files.entrySet()) {
      try (InputStream in = context.store().open(file.getValue())) {
        Files.copy(in, folder.path().resolve(file.getKey()));
      } catch (IOException e) {
        folder.close();
        throw e;
      }
    }
    return folder;
  }

  /** The loaded model, kept by the worker for the next task. */
  LoadedModel load(TaskContext context, int threads) throws Exception {
    return context.cached(key(threads), () -> LoadedModel.load(this, context, threads));
  }

  /** Another one when the weights in a folder change. */
  private String key(int threads) throws IOException {
    StringBuilder key = new StringBuilder("sft/model/").append(threads).append('/').append(source);
    files.forEach((name, blob) -> key.append('/').append(blob.sha256()));
    if (files.isEmpty() && ModelSource.parse(source) instanceof ModelSource.Folder folder) {
      Path weights = folder.path().resolve("model.safetensors");
      FileTime changed =
          Files.exists(weights) ? Files.getLastModifiedTime(weights) : FileTime.fromMillis(0);
      key.append('/').append(changed);
    }
    return key.toString();
  }
}
