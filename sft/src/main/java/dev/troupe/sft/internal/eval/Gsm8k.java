package dev.troupe.sft.internal.eval;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Grade-school maths (Cobbe et al., "Training Verifiers to Solve Math Word Problems", 2021), asked
 * and judged as the task {@code gsm8k} of lm-evaluation-harness 0.4 does. An answer's number is
 * what stands behind {@code ####} (strict), or the last number of all (flexible). It is compared as
 * text, without commas, dollar signs, all up to {@code ####} and a full stop at the end.
 */
final class Gsm8k implements QuestionForm {

  /** What an answer without a number gives. */
  static final String INVALID = "[invalid]";

  /** Where an answer ends, wherever the model goes on to. */
  static final List<String> STOPS = List.of("Question:", "</s>", "<|im_end|>");

  private static final Pattern STRICT = Pattern.compile("#### (-?[0-9.,]+)");
  private static final Pattern FLEXIBLE = Pattern.compile("(-?[$0-9.,]{2,})|(-?[0-9]+)");

  /** In this order; lines end at {@code \n} alone, as in Python. */
  private static final List<Pattern> IGNORED =
      List.of(
          Pattern.compile(","),
          Pattern.compile("\\$"),
          Pattern.compile("(?s).*#### "),
          Pattern.compile("(?d)\\.$"));

  /**
   * {@code question} and {@code answer}, or LLM-Adapters' {@code instruction} and {@code answer}.
   */
  @Override
  public Question read(JsonNode row) {
    if (row.has("instruction")) {
      String number = row.path("answer").asText("").strip();
      if (!number.matches("-?[0-9.,]+")) {
        throw new IllegalArgumentException(
            "answer: %s (expected: a number)".formatted(row.path("answer")));
      }
      return question(QuestionForm.text(row, "instruction"), number.replaceFirst("\\.0+$", ""));
    }
    String answer = QuestionForm.text(row, "answer");
    if (!STRICT.matcher(answer).find()) {
      throw new IllegalArgumentException("answer: has no '#### ' and a number behind it");
    }
    return question(QuestionForm.text(row, "question"), answer);
  }

  private static Question question(String text, String solution) {
    return Question.open("Question: " + text + "\nAnswer:", solution);
  }

  /** The response up to where it should have ended. */
  static String cut(String response) {
    int end = response.length();
    for (String stop : STOPS) {
      int at = response.indexOf(stop);
      end = at < 0 ? end : Math.min(end, at);
    }
    return response.substring(0, end);
  }

  /** Whether a response has come to where it should end. */
  static boolean hasEnded(String response) {
    return STOPS.stream().anyMatch(response::contains);
  }

  /** The first number behind {@code ####}. */
  static String strict(String response) {
    Matcher matcher = STRICT.matcher(response);
    return matcher.find() ? matcher.group(1) : INVALID;
  }

  /** The last number. */
  static String flexible(String response) {
    String last = INVALID;
    for (Matcher matcher = FLEXIBLE.matcher(response); matcher.find(); ) {
      last = matcher.group();
    }
    return last;
  }

  /** Whether an extracted number is that of the solution. */
  static boolean matches(String extracted, String solution) {
    return normal(extracted).equals(normal(solution));
  }

  private static String normal(String text) {
    String normal = text;
    for (Pattern ignored : IGNORED) {
      normal = ignored.matcher(normal).replaceAll("");
    }
    return normal.toLowerCase(Locale.ROOT);
  }
}
