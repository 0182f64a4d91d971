package dev.troupe.lm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Scores continuations of prompts by their log-likelihood, by the rules of lm-evaluation-harness
 * (Gao et al., "A framework for few-shot language model evaluation", 0.4): prompt and continuation
 * are tokenized as one text, the continuation is what lies behind as many tokens as the prompt
 * alone has; blanks at the prompt's end belong to the continuation; of a text that is too long the
 * end is kept.
 */
public final class ContinuationScorer {

  /** Positions computed at a time, unless a single example has more. */
  private static final int POSITIONS = 2048;

  private final CausalLm model;
  private final Tokenizer tokenizer;

  public ContinuationScorer(CausalLm model, Tokenizer tokenizer) {
    this.model = model;
    this.tokenizer = tokenizer;
  }

  /**
   * A prompt and a continuation of it, whose tokens count.
   *
   * @param prompt what the tokenizer's own additions (often a leading bos) go before
   * @throws IllegalArgumentException if the continuation has no tokens of its own, or with one
   *     token of the prompt does not fit into the model's context
   */
  public Example pair(String prompt, String continuation) {
    String start = prompt.stripTrailing();
    String end = prompt.substring(start.length()) + continuation;
    return example(
        tokenizer.encodeWithSpecials(start).length,
        tokenizer.encodeWithSpecials(start + end),
        continuation);
  }

  /**
   * As {@link #pair}, of a conversation: the continuation is what the assistant says.
   *
   * @param messages up to a turn of the user
   */
  public Example answer(List<Message> messages, String continuation) {
    String start = tokenizer.render(messages, true);
    return example(
        tokenizer.encode(start).length, tokenizer.encode(start + continuation), continuation);
  }

  private Example example(int promptTokens, int[] tokens, String continuation) {
    int context = model.config().context();
    int cut = Math.max(0, tokens.length - context);
    int from = promptTokens - cut;
    if (promptTokens >= tokens.length || from < 1) {
      throw new IllegalArgumentException(
          "continuation: '%s' is %d tokens behind a prompt of %d (expected: at least 1, and less than the model's context, %d)"
              .formatted(continuation, tokens.length - promptTokens, promptTokens, context));
    }
    boolean[] counted = new boolean[tokens.length - cut];
    Arrays.fill(counted, from, counted.length, true);
    return new Example(Arrays.copyOfRange(tokens, cut, tokens.length), counted);
  }

  /**
   * Scores examples, in their order; those of about the same length go through the model together.
   */
  public List<Score> score(List<Example> examples) {
    int[] byLength =
        IntStream.range(0, examples.size())
            .boxed()
            .sorted(Comparator.comparingInt(i -> examples.get(i).length()))
            .mapToInt(Integer::intValue)
            .toArray();
    Score[] scores = new Score[examples.size()];
    for (int from = 0, to; from < byLength.length; from = to) {
      List<Example> part = new ArrayList<>();
      int positions = 0;
      for (to = from; to < byLength.length; to++) {
        Example next = examples.get(byLength[to]);
        positions += next.length();
        if (positions > POSITIONS && !part.isEmpty()) {
          break;
        }
        part.add(next);
      }
      List<Score> some = model.score(Batch.packed(part, model.config().context()));
      for (int i = from; i < to; i++) {
        scores[byLength[i]] = some.get(i - from);
      }
    }
    return List.of(scores);
  }
}
