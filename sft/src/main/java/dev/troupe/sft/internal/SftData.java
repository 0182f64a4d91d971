package dev.troupe.sft.internal;

import dev.troupe.core.WorkContext;
import dev.troupe.lm.Tokenizer;
import dev.troupe.sft.SftOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The tokenized rows of a fine-tuning job.
 *
 * @param heldOut rows whose loss is measured before and after; empty if none are asked for
 */
record SftData(Dataset train, Optional<Dataset> heldOut) {

  /** Loads them, or takes them from the worker's cache. */
  static SftData of(WorkContext work, SftOptions options, int maxLength) throws Exception {
    return work.cached(key(options, maxLength), () -> load(options, maxLength));
  }

  private static SftData load(SftOptions options, int maxLength) {
    Dataset.TooLong tooLong = tooLong(options);
    try (Tokenizer tokenizer = Tokenizer.load(Path.of(options.model()))) {
      Dataset all = Dataset.load(files(options), tokenizer, maxLength, tooLong);
      if (!options.evalData().isEmpty()) {
        Dataset heldOut = Dataset.load(heldOutFiles(options), tokenizer, maxLength, tooLong);
        return new SftData(all, Optional.of(heldOut));
      }
      int count = (int) Math.round(all.size() * options.evalFraction());
      if (count == 0) {
        return new SftData(all, Optional.empty());
      }
      List<Dataset> parts = all.holdOut(count, options.seed());
      return new SftData(parts.get(0), Optional.of(parts.get(1)));
    }
  }

  static Dataset.TooLong tooLong(SftOptions options) {
    return Dataset.TooLong.valueOf(options.tooLong().name());
  }

  static List<DataFile> files(SftOptions options) {
    return options.data().stream().map(DataFile::parse).toList();
  }

  static List<DataFile> heldOutFiles(SftOptions options) {
    return options.evalData().stream().map(DataFile::of).toList();
  }

  /** All that the tokens depend on; a file that changes is read again. */
  private static String key(SftOptions options, int maxLength) throws Exception {
    List<Object> parts = new ArrayList<>();
    parts.add("sft/data");
    for (List<DataFile> files : List.of(files(options), heldOutFiles(options))) {
      for (DataFile file : files) {
        Path path = file.path().toAbsolutePath();
        boolean there = Files.isRegularFile(path);
        FileTime changed = there ? Files.getLastModifiedTime(path) : FileTime.fromMillis(0);
        parts.add(List.of(path, file.weight(), changed, there ? Files.size(path) : -1));
      }
      parts.add("|");
    }
    parts.add(Path.of(options.model()).toAbsolutePath());
    parts.add(List.of(maxLength, options.tooLong(), options.evalFraction(), options.seed()));
    return parts.toString();
  }
}
