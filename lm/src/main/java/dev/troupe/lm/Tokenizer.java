package dev.troupe.lm;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/**
 * The tokenizer of a Hugging Face folder ({@code tokenizer.json}, {@code tokenizer_config.json}).
 */
public final class Tokenizer implements AutoCloseable {

  private Tokenizer() {}

  /**
   * Reads the folder's tokenizer.
   *
   * @throws IllegalArgumentException if a file is missing or does not parse
   */
  public static Tokenizer load(Path folder) {
    return Skeleton.missing();
  }

  /**
   * Writes a tokenizer whose tokens are single characters, with a ChatML-like template, for models
   * that are trained from nothing. Ids: the special tokens first, then the alphabet in its order.
   *
   * <p>Special tokens are {@code <pad>} 0, {@code <bos>} 1, {@code <eos>} 2, {@code <unk>} 3.
   */
  public static void writeCharacters(Path folder, String alphabet) {
    Skeleton.missing();
  }

  /** Ids of the text alone: nothing is put before or after it. */
  public int[] encode(String text) {
    return Skeleton.missing();
  }

  /** Ids of the text with the tokenizer's own additions (often a leading bos). */
  public int[] encodeWithSpecials(String text) {
    return Skeleton.missing();
  }

  /** Text of ids; special tokens are left out. */
  public String decode(int[] ids) {
    return Skeleton.missing();
  }

  /** Number of ids, special ones included. */
  public int vocabSize() {
    return Skeleton.missing();
  }

  public OptionalInt bos() {
    return Skeleton.missing();
  }

  public OptionalInt eos() {
    return Skeleton.missing();
  }

  /** Whether the folder has a chat template. */
  public boolean hasChatTemplate() {
    return Skeleton.missing();
  }

  /**
   * Renders a conversation by the folder's chat template.
   *
   * @param generationPrompt whether the opening of an assistant's turn is appended
   * @throws IllegalStateException if there is no template
   */
  public String render(List<Message> messages, boolean generationPrompt) {
    return Skeleton.missing();
  }

  @Override
  public void close() {
    Skeleton.missing();
  }
}
