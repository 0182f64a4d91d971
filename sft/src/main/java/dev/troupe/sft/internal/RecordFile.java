package dev.troupe.sft.internal;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** A file of records, read one after the other, each as a JSON value. */
public interface RecordFile extends AutoCloseable {

  /**
   * Opens a file by its name: {@code .parquet}, {@code .csv} and {@code .tsv} are read as such, a
   * {@code .json} as one array or as JSON Lines, whichever it is, all others as JSON Lines; {@code
   * .gz} behind the name of a text file means that it is packed.
   *
   * @throws IllegalArgumentException if it cannot be opened
   */
  static RecordFile open(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          "%s: %s (expected: a file of JSON Lines, CSV or Parquet that every worker can read)"
              .formatted(file, Files.isDirectory(file) ? "is a folder" : "no such file"));
    }
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    if (name.endsWith(".parquet")) {
      return Table.parquet(file);
    }
    if (name.matches(".*\\.[ct]sv(\\.gz)?")) {
      return Table.csv(file);
    }
    return name.matches(".*\\.json(\\.gz)?") ? JsonArray.orLines(file) : new JsonLines(file);
  }

  /**
   * The next record, or null at the end.
   *
   * @throws IllegalArgumentException if it does not parse; the message begins with {@link #where}
   */
  JsonNode next();

  /** The place of the last record, as in {@code rows.jsonl, line 3}. */
  String where();

  @Override
  void close();
}
