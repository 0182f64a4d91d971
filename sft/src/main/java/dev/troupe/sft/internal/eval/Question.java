package dev.troupe.sft.internal.eval;

import java.util.List;

/**
 * A row of a benchmark as the model gets it.
 *
 * @param subject questions of one subject are examples for each other; "" if rows have none
 * @param prompt the question
 * @param delimiter stands between prompt and answer
 * @param choices the answers given; empty if the model is to write its own
 * @param answer the right one: its place among the choices, or 0
 * @param solution the right answer as an example shows it
 */
record Question(
    String subject,
    String prompt,
    String delimiter,
    List<String> choices,
    int answer,
    String solution) {

  /** With given answers, of which one is right. */
  static Question choice(
      String subject, String prompt, String delimiter, List<String> choices, int answer) {
    return new Question(subject, prompt, delimiter, choices, answer, choices.get(answer));
  }

  /** To be answered in the model's own words. */
  static Question open(String prompt, String solution) {
    return new Question("", prompt, " ", List.of(), 0, solution);
  }

  /** The question with its answer, as an example for another. */
  String solved() {
    return prompt + delimiter + solution;
  }

  /** The same behind a text. */
  Question after(String text) {
    return new Question(subject, text + prompt, delimiter, choices, answer, solution);
  }
}
