package dev.troupe.sft.internal.eval;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The solved examples before the questions of one file, chosen as lm-evaluation-harness does: drawn
 * anew for each question, in the order of the questions; the first of its subject where questions
 * have one (MMLU). A question is no example for itself.
 */
final class Shots {

  private final List<Question> pool;
  private final int count;
  private final boolean ownFile;
  private final PythonRandom random;

  /**
   * Before the first question.
   *
   * @param pool the examples there are
   * @param count examples for each question
   * @param ownFile whether the questions are the pool
   */
  Shots(List<Question> pool, int count, boolean ownFile, long seed) {
    this.pool = pool;
    this.count = count;
    this.ownFile = ownFile;
    random = new PythonRandom(seed);
  }

  /**
   * The examples for the next question.
   *
   * @throws IllegalArgumentException if there are too few
   */
  List<Question> next(Question question) {
    if (count == 0) {
      return List.of();
    }
    if (!question.subject().isEmpty()) {
      List<Question> alike =
          others(pool, question).stream()
              .filter(e -> e.subject().equals(question.subject()))
              .limit(count)
              .toList();
      requireEnough(alike.size(), " of the subject '" + question.subject() + "'");
      return alike;
    }
    requireEnough(pool.size() - (ownFile ? 1 : 0), "");
    List<Question> drawn = others(drawn(pool, ownFile ? count + 1 : count), question);
    if (drawn.size() < count) { // the question stands there more than once
      List<Question> others = others(pool, question);
      requireEnough(others.size(), "");
      drawn = drawn(others, count);
    }
    return drawn.subList(0, count);
  }

  private List<Question> drawn(List<Question> from, int many) {
    return IntStream.of(random.sample(from.size(), many)).mapToObj(from::get).toList();
  }

  private List<Question> others(List<Question> questions, Question question) {
    return ownFile ? questions.stream().filter(q -> !q.equals(question)).toList() : questions;
  }

  private void requireEnough(int there, String which) {
    if (there < count) {
      throw new IllegalArgumentException(
          "shotsData: %d rows%s (expected: at least shots, %d%s)"
              .formatted(there, which, count, ownFile ? ", beside the question" : ""));
    }
  }
}
