package dev.troupe.sft.internal;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file of rows.
 *
 * @param weight how often an epoch takes each row, on average
 */
public record DataFile(Path path, double weight) {

  private static final double MOST = 100;
  private static final Pattern WEIGHTED = Pattern.compile("(.+):([0-9]*\\.?[0-9]+)");

  public DataFile {
    if (!(weight > 0 && weight <= MOST)) {
      throw new IllegalArgumentException(
          "%s: weight %s (expected: > 0, at most %.0f)".formatted(path, weight, MOST));
    }
  }

  /** A file that each epoch takes once. */
  public static DataFile of(String path) {
    return new DataFile(Path.of(path), 1);
  }

  /**
   * Reads {@code FILE} or {@code FILE:WEIGHT}. What is the name of a file as it stands has no
   * weight.
   *
   * @throws IllegalArgumentException if the weight is out of bounds
   */
  public static DataFile parse(String text) {
    Matcher weighted = WEIGHTED.matcher(text);
    return weighted.matches() && Files.notExists(Path.of(text))
        ? new DataFile(Path.of(weighted.group(1)), Double.parseDouble(weighted.group(2)))
        : of(text);
  }
}
