package dev.troupe.sft.internal;

import dev.troupe.core.GangContext;
import dev.troupe.core.InputException;
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

  /**
   * Loads them, or takes them from the worker's cache.
   *
   * @param model the folder with the tokenizer
   */
  static SftData of(GangContext gang, SftOptions options, Path model, int maxLength)
      throws Exception {
    return gang.cached(key(options, model, maxLength), () -> load(options, model, maxLength));
  }

  private static SftData load(SftOptions options, Path model, int maxLength) {
    Dataset.TooLong tooLong = tooLong(options);
    try (Tokenizer tokenizer = Tokenizer.load(model)) {
      Dataset all = load("data", options.data(), tokenizer, maxLength, tooLong);
      if (!options.evalData().isEmpty()) {
        Dataset heldOut = load("evalData", options.evalData(), tokenizer, maxLength, tooLong);
        return new SftData(all, Optional.of(heldOut));
      }
      if (options.evalFraction() == 0) {
        return new SftData(all, Optional.empty());
      }
      int count = Math.max(1, (int) Math.round(all.size() * options.evalFraction()));
      if (count == all.size()) {
        throw new InputException(
            "evalFraction: %s (expected: 0 with a single row, which is needed for training)"
                .formatted(options.evalFraction()));
      }
      List<Dataset> parts = all.holdOut(count, options.seed());
      return new SftData(parts.get(0), Optional.of(parts.get(1)));
    }
  }

  private static Dataset load(
      String option,
      List<String> files,
      Tokenizer tokenizer,
      int maxLength,
      Dataset.TooLong tooLong) {
    try {
      return Dataset.load(paths(files), tokenizer, maxLength, tooLong);
    } catch (IllegalArgumentException e) {
      throw new InputException(option + ": " + e.getMessage(), e);
    }
  }

  static Dataset.TooLong tooLong(SftOptions options) {
    return Dataset.TooLong.valueOf(options.tooLong().name());
  }

  static List<Path> paths(List<String> files) {
    return files.stream().map(Path::of).toList();
  }

  /** All that the tokens depend on; a file that changes is read again. */
  private static String key(SftOptions options, Path model, int maxLength) throws Exception {
    List<Object> parts = new ArrayList<>();
    parts.add("sft/data");
    for (List<String> files : List.of(options.data(), options.evalData())) {
      for (Path file : paths(files)) {
        boolean there = Files.isRegularFile(file);
        FileTime changed = there ? Files.getLastModifiedTime(file) : FileTime.fromMillis(0);
        parts.add(List.of(file.toAbsolutePath(), changed, there ? Files.size(file) : -1));
      }
      parts.add("|");
    }
    parts.add(model.toAbsolutePath());
    parts.add(List.of(maxLength, options.tooLong(), options.evalFraction(), options.seed()));
    return parts.toString();
  }
}
