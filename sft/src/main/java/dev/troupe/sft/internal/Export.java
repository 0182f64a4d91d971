package dev.troupe.sft.internal;

import dev.troupe.core.BlobRef;
import dev.troupe.core.GangContext;
import dev.troupe.lm.CausalLm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Writes the model as a Hugging Face folder, into the job's artifacts and to a folder of rank 0's
 * worker.
 *
 * @param companions the folder whose tokenizer goes with the model
 * @param out where to write; if empty, the model is in the artifacts alone
 */
record Export(GangContext gang, CausalLm model, Path companions, Optional<Path> out) {

  /**
   * Writes what the model holds now, and returns the files' blobs by name; does nothing on other
   * ranks than 0.
   *
   * @param name a folder below {@code out} and among the artifacts; "" for none
   */
  Map<String, BlobRef> write(String name) {
    if (gang.rank() != 0) {
      return Map.of();
    }
    try {
      if (out.isPresent()) {
        return publish(Files.createDirectories(out.get().resolve(name)), name);
      }
      Path folder = Files.createTempDirectory(gang.scratch(), "model");
      try {
        return publish(folder, name);
      } finally {
        deleteFolder(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the model cannot be written: " + e.getMessage(), e);
    }
  }

  private Map<String, BlobRef> publish(Path folder, String name) throws IOException {
    Map<String, BlobRef> blobs = new TreeMap<>();
    model.save(folder, companions);
    for (Path path : list(folder)) {
      String prefix = name.isEmpty() ? "" : name + "/";
      String file = path.getFileName().toString();
      blobs.put(file, gang.artifact(prefix + file, path));
    }
    return blobs;
  }

  private static void deleteFolder(Path folder) throws IOException {
    for (Path file : list(folder)) {
      Files.delete(file);
    }
    Files.delete(folder);
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(Files::isRegularFile).sorted(Comparator.naturalOrder()).toList();
    }
  }
}
