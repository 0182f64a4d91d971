package dev.troupe.lm;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.troupe.lm.internal.CharacterTokenizer;
import dev.troupe.lm.internal.ChatTemplate;
import dev.troupe.lm.internal.LearnedText;
import dev.troupe.lm.internal.TokenizerFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/**
 * The tokenizer of a Hugging Face folder: {@code tokenizer.json}, and from {@code
 * tokenizer_config.json} (and {@code chat_template.jinja}) its special tokens and chat template.
 */
public final class Tokenizer implements AutoCloseable {

  private final HuggingFaceTokenizer tokenizer;
  private final TokenizerFiles files;
  private final ChatTemplate template;

  private Tokenizer(HuggingFaceTokenizer tokenizer, TokenizerFiles files, ChatTemplate template) {
    this.tokenizer = tokenizer;
    this.files = files;
    this.template = template;
  }

  /**
   * Reads the folder's tokenizer.
   *
   * @throws IllegalArgumentException if a file is missing or does not parse
   */
  public static Tokenizer load(Path folder) {
    TokenizerFiles files = TokenizerFiles.read(folder);
    Path file = folder.resolve(TokenizerFiles.TOKENIZER);
    ChatTemplate template = template(folder, files);
    System.setProperty("ai.djl.offline", "true");
    try {
      HuggingFaceTokenizer tokenizer =
          HuggingFaceTokenizer.builder()
              .optTokenizerPath(file)
              .optAddSpecialTokens(false)
              .optTruncation(false)
              .optPadding(false)
              .build();
      return new Tokenizer(tokenizer, files, template);
    } catch (IOException | RuntimeException e) {
      throw new IllegalArgumentException(
          "%s: cannot be read as a tokenizer (expected: a tokenizer.json of Hugging Face): %s"
              .formatted(file, e.getMessage()),
          e);
    }
  }

  /** Null if there is none. */
  private static ChatTemplate template(Path folder, TokenizerFiles files) {
    try {
      return files.template().map(text -> new ChatTemplate(text, files.tokens())).orElse(null);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(folder + ": " + e.getMessage(), e);
    }
  }

  /**
   * Writes a tokenizer whose tokens are single characters, with a ChatML-like template, for models
   * that are trained from nothing. Ids: the special tokens first, then the alphabet in its order.
   *
   * <p>Special tokens are {@code <pad>} 0, {@code <|im_start|>} 1, {@code <|im_end|>} 2 (the one
   * that ends an answer), {@code <unk>} 3. A role is spelled out, so the alphabet should hold lower
   * case letters and the newline.
   *
   * @throws IllegalArgumentException if a character occurs twice
   */
  public static void writeCharacters(Path folder, String alphabet) {
    CharacterTokenizer.write(folder, alphabet);
  }

  /** Ids of the text alone: nothing is put before or after it. */
  public int[] encode(String text) {
    return ints(tokenizer.encode(text, false, false).getIds());
  }

  /** Ids of the text with the tokenizer's own additions (often a leading bos). */
  public int[] encodeWithSpecials(String text) {
    return ints(tokenizer.encode(text, true, false).getIds());
  }

  private static int[] ints(long[] ids) {
    return Arrays.stream(ids).mapToInt(Math::toIntExact).toArray();
  }

  /** Text of ids; special tokens are left out. */
  public String decode(int[] ids) {
    return tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), true);
  }

  /** Text of ids, special tokens included. */
  public String decodeWithSpecials(int[] ids) {
    return tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), false);
  }

  /** One more than the largest id, special ones included. */
  public int vocabSize() {
    return files.vocabSize();
  }

  /** Id of a token, as it is written in {@code tokenizer.json}. */
  public OptionalInt id(String token) {
    return files.id(token);
  }

  public OptionalInt bos() {
    return files.special("bos_token");
  }

  public OptionalInt eos() {
    return files.special("eos_token");
  }

  /** Whether the folder has a chat template. */
  public boolean hasChatTemplate() {
    return template != null;
  }

  /**
   * Renders a conversation by the folder's chat template.
   *
   * @param generationPrompt whether the opening of an assistant's turn is appended
   * @throws IllegalStateException if there is no template
   * @throws IllegalArgumentException if the template refuses this conversation, or uses what we
   *     cannot render
   */
  public String render(List<Message> messages, boolean generationPrompt) {
    if (template == null) {
      throw new IllegalStateException(
          "the tokenizer has no chat template (expected: chat_template in tokenizer_config.json, or"
              + " chat_template.jinja; or rows of prompt and completion)");
    }
    return template.render(messages, generationPrompt);
  }

  /** As {@link #render}, of a conversation to learn from. */
  LearnedText renderLearned(List<Message> messages, boolean everyTurn) {
    String eos = files.tokens().getOrDefault("eos_token", "");
    return LearnedText.of(this::render, messages, everyTurn, eos, files.specialTokens());
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
