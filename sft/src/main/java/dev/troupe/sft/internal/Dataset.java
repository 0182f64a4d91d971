package dev.troupe.sft.internal;

import dev.troupe.lm.ChatEncoder;
import dev.troupe.lm.Example;
import dev.troupe.lm.Tokenizer;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Tokenized examples, held in memory.
 *
 * @param examples in the order of the files
 * @param dropped rows left out because they are too long
 */
record Dataset(List<Example> examples, int dropped) {

  /** What happens to a row that has more tokens than {@code maxLength}. */
  enum TooLong {
    ERROR,
    DROP
  }

  Dataset {
    examples = List.copyOf(examples);
  }

  /**
   * Reads and tokenizes all rows of all files.
   *
   * @param maxLength most tokens an example may have
   * @throws IllegalArgumentException if a file cannot be read, a row does not parse or is too long
   *     (file and line are named), or nothing is left
   */
  static Dataset load(List<Path> files, Tokenizer tokenizer, int maxLength, TooLong tooLong) {
    return load(files, tokenizer, maxLength, tooLong, Integer.MAX_VALUE);
  }

  /** As above, of the first {@code rows} rows of each file; empty if those are all too long. */
  static Dataset load(
      List<Path> files, Tokenizer tokenizer, int maxLength, TooLong tooLong, int rows) {
    ChatEncoder encoder = new ChatEncoder(tokenizer);
    List<Example> examples = new ArrayList<>();
    int dropped = 0;
    boolean more = false;
    for (Path file : files) {
      try (RowReader reader = new RowReader(file)) {
        Row row = reader.next();
        for (int i = 0; row != null && i < rows; i++, row = reader.next()) {
          Example example = encode(row, encoder, tokenizer.hasChatTemplate(), reader);
          if (example.length() <= maxLength) {
            examples.add(example);
          } else if (tooLong == TooLong.DROP) {
            dropped++;
          } else {
            throw reader.error(
                "%d tokens (expected: at most maxLength, %d; shorten the row, set tooLong=drop, or raise maxLength, at most to the model's context)"
                    .formatted(example.length(), maxLength),
                null);
          }
        }
        more |= row != null;
      }
    }
    if (examples.isEmpty() && !more) {
      throw new IllegalArgumentException(
          "%s: no rows%s (expected: at least 1)"
              .formatted(
                  files.stream().map(Path::toString).collect(Collectors.joining(", ")),
                  dropped == 0 ? "" : " within maxLength, %d dropped".formatted(dropped)));
    }
    return new Dataset(examples, dropped);
  }

  private static Example encode(Row row, ChatEncoder encoder, boolean chat, RowReader reader) {
    if (row instanceof Row.Conversation && !chat) {
      throw reader.error(
          "messages: the model has no chat template (expected: rows of prompt and completion)",
          null);
    }
    Example example;
    try {
      example = row.encode(encoder, chat);
    } catch (RuntimeException e) {
      throw reader.error("cannot be tokenized: " + e.getMessage(), e);
    }
    if (example.countedTokens() == 0) {
      throw reader.error("has no token to learn (expected: an answer that is not empty)", null);
    }
    return example;
  }

  int largestToken() {
    return examples.stream().flatMapToInt(e -> Arrays.stream(e.tokens())).max().orElse(0);
  }

  int size() {
    return examples.size();
  }

  /**
   * Holds out some examples, drawn by {@code seed}.
   *
   * @return two data sets, for training and held out
   */
  List<Dataset> holdOut(int count, long seed) {
    int[] order = new CounterRandom(seed, DataOrder.HELD_OUT).permutation(size());
    boolean[] out = new boolean[size()];
    for (int i = 0; i < count; i++) {
      out[order[i]] = true;
    }
    List<Example> train = new ArrayList<>();
    List<Example> heldOut = new ArrayList<>();
    for (int i = 0; i < out.length; i++) {
      (out[i] ? heldOut : train).add(examples.get(i));
    }
    return List.of(new Dataset(train, dropped), new Dataset(heldOut, 0));
  }

  /** SHA-256 over all tokens and marks, in hex: tells whether two ranks hold the same data. */
  String fingerprint() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Example example : examples) {
        ByteBuffer bytes = ByteBuffer.allocate(4 + 5 * example.length());
        bytes.putInt(example.length());
        for (int t = 0; t < example.length(); t++) {
          bytes.putInt(example.tokens()[t]).put((byte) (example.counted()[t] ? 1 : 0));
        }
        digest.update(bytes.flip());
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is part of every JDK", e);
    }
  }
}
