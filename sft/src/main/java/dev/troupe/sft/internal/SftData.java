package dev.troupe.sft.internal;

import dev.troupe.core.InputException;
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

  /**
   * Loads them, or takes them from the worker's cache.
   *
   * @param model the folder with the tokenizer
   * @throws InputException if a file of rows or the tokenizer cannot be used
   */
  static SftData of(WorkContext work, SftOptions options, Path model, int maxLength)
      throws Exception {
    return work.cached(key(options, model, maxLength), () -> load(options, model, maxLength));
  }

  private static SftData load(SftOptions options, Path model, int maxLength) {
    Dataset.TooLong tooLong = tooLong(options);
    try (Tokenizer tokenizer = tokenizer(model)) {
      Dataset all = load("data", files(options), tokenizer, maxLength, tooLong);
      if (!options.evalData().isEmpty()) {
        Dataset heldOut = load("evalData", heldOutFiles(options), tokenizer, maxLength, tooLong);
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
      List<DataFile> files,
      Tokenizer tokenizer,
      int maxLength,
      Dataset.TooLong tooLong) {
    try {
      return Dataset.load(files, tokenizer, maxLength, tooLong);
    } catch (IllegalArgumentException e) {
      throw new InputException(option + ": " + e.getMessage(), e);
    }
  }

  private static Tokenizer tokenizer(Path model) {
    try {
      return Tokenizer.load(model);
    } catch (IllegalArgumentException e) {
      throw new InputException("model: " + e.getMessage(), e);
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
  private static String key(SftOptions options, Path model, int maxLength) throws Exception {
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
    parts.add(model.toAbsolutePath());
    parts.add(List.of(maxLength, options.tooLong(), options.evalFraction(), options.seed()));
    return parts.toString();
  }
}
