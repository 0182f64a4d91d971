package dev.troupe.lm;

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

  private static final String ASSISTANT = "assistant";

  private final Tokenizer tokenizer;

  public ChatEncoder(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /**
   * A conversation, rendered by the chat template; only the assistant's turns count, up to the
   * token that ends them. What stands behind the last turn is left out.
   *
   * @throws IllegalArgumentException if no turn is the assistant's, or the template renders the
   *     beginning of a conversation differently from its whole
   */
  public Example conversation(List<Message> messages) {
    Ids ids = new Ids();
    String done = "";
    for (int i = 0; i < messages.size(); i++) {
      if (messages.get(i).role().equals(ASSISTANT)) {
        String asked = tokenizer.render(messages.subList(0, i), true);
        String answered = tokenizer.render(messages.subList(0, i + 1), false);
        ids.add(tokenizer.encode(behind(done, asked)), 0);
        int[] answer = tokenizer.encode(behind(asked, answered));
        ids.add(answer, answerLength(answer));
        done = answered;
      }
    }
    if (done.isEmpty()) {
      throw new IllegalArgumentException("messages: no turn of role assistant (expected: one)");
    }
    return ids.example();
  }

  private static String behind(String beginning, String whole) {
    if (!whole.startsWith(beginning)) {
      throw new IllegalArgumentException(
          "chat template: renders the beginning of a conversation differently from its whole, so the"
              + " assistant's part cannot be told (expected: a template that only appends)");
    }
    return whole.substring(beginning.length());
  }

  /** Ids up to the one that ends the turn: behind it a template may put a newline. */
  private int answerLength(int[] answer) {
    OptionalInt eos = tokenizer.eos();
    for (int t = answer.length - 1; t >= 0 && eos.isPresent(); t--) {
      if (answer[t] == eos.getAsInt()) {
        return t + 1;
      }
    }
    return answer.length;
  }

  /**
   * A prompt and its completion: the prompt with the tokenizer's own additions, completion, eos.
   */
  public Example completion(String prompt, String completion) {
    Ids ids = new Ids();
    ids.add(completionPrompt(prompt), 0);
    int[] answer = tokenizer.encode(completion);
    ids.add(answer, answer.length);
    tokenizer.eos().ifPresent(eos -> ids.add(new int[] {eos}, 1));
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

    /** Appends ids, of which the first {@code counting} count. */
    void add(int[] ids, int counting) {
      for (int t = 0; t < ids.length; t++) {
        tokens.add(ids[t]);
        counted.add(t < counting);
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
