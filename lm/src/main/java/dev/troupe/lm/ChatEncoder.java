package dev.troupe.lm;

import dev.troupe.lm.internal.LearnedText;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * Makes examples of data rows: the prompt is context, the answer is what the loss counts.
 *
 * <p>A text is cut where the model will have to begin to write, and the pieces are tokenized on
 * their own, so that training sees the very ids that generation begins with.
 */
public final class ChatEncoder {

  private final Tokenizer tokenizer;

  public ChatEncoder(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /** {@link #conversation(List, boolean)} of which the assistant's turns alone count. */
  public Example conversation(List<Message> messages) {
    return conversation(messages, false);
  }

  /**
   * A conversation, rendered by the chat template; the turns that are learned count, an answer up
   * to the token that ends it. What stands behind the last of them is left out.
   *
   * @param everyTurn whether all turns but the system's are learned, not the assistant's alone
   * @throws IllegalArgumentException if no turn is to be learned, the template refuses the
   *     conversation, or does not tell where those turns are ({@link LearnedText})
   */
  public Example conversation(List<Message> messages, boolean everyTurn) {
    Ids ids = new Ids();
    for (LearnedText.Part part : tokenizer.renderLearned(messages, everyTurn).parts()) {
      ids.add(tokenizer.encode(part.text()), part.learned());
    }
    return ids.example();
  }

  /**
   * A prompt and its completion: the prompt with the tokenizer's own additions, completion, eos.
   */
  public Example completion(String prompt, String completion) {
    Ids ids = new Ids();
    ids.add(completionPrompt(prompt), false);
    ids.add(tokenizer.encode(completion), true);
    tokenizer.eos().ifPresent(eos -> ids.add(new int[] {eos}, true));
    return ids.example();
  }

  /** A document, with the tokenizer's own additions, and eos; all of it counts. */
  public Example text(String text) {
    Ids ids = new Ids();
    int[] tokens = tokenizer.encodeWithSpecials(text);
    ids.add(tokens, true);
    OptionalInt eos = tokenizer.eos();
    boolean ended = tokens.length > 0 && eos.equals(OptionalInt.of(tokens[tokens.length - 1]));
    if (eos.isPresent() && !ended) {
      ids.add(new int[] {eos.getAsInt()}, true);
    }
    return ids.example();
  }

  /** Ids after which the model is to answer: a conversation up to an assistant's turn. */
  public int[] conversationPrompt(List<Message> messages) {
    return tokenizer.encode(tokenizer.render(messages, true));
  }

  /** Ids of a bare prompt, as {@link #completion} begins. */
  public int[] completionPrompt(String prompt) {
    return tokenizer.encodeWithSpecials(prompt);
  }

  /** Grows an example. */
  private static final class Ids {
    private final List<Integer> tokens = new ArrayList<>();
    private final List<Boolean> counted = new ArrayList<>();

    void add(int[] ids, boolean count) {
      for (int id : ids) {
        tokens.add(id);
        counted.add(count);
      }
    }

    /** Without the uncounted end, from which nothing is learnt. */
    Example example() {
      int length = counted.lastIndexOf(true) + 1;
      boolean[] marks = new boolean[length];
      for (int t = 0; t < length; t++) {
        marks[t] = counted.get(t);
      }
      return new Example(
          tokens.subList(0, length).stream().mapToInt(Integer::intValue).toArray(), marks);
    }
  }
}
