package dev.troupe.sft.internal.eval;

import com.fasterxml.jackson.databind.JsonNode;
import dev.troupe.sft.SftEvalOptions.Ask;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.StreamSupport;

/**
 * Questions with given answers, as their files have them: ARC and OpenBookQA (the schema of the
 * Hugging Face hub, and AI2's own), MMLU, BoolQ (both schemas of the hub), and the sets of
 * LLM-Adapters (Hu et al., 2023), whose instruction lists the answers. Prompts are those of
 * lm-evaluation-harness 0.4: the tasks {@code arc_easy}, {@code openbookqa}, {@code mmlu}, {@code
 * boolq}. An instruction of LLM-Adapters stands as it is, and {@code the correct answer is ...}
 * answers it.
 */
record ChoiceForm(Ask ask) implements QuestionForm {

  private static final String ANSWER_FORMAT = "Answer format: ";
  private static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  private static final String EXPECTED =
      "question, choices and answerKey as in ARC; question, choices and answer as in MMLU; question,"
          + " passage and answer as in BoolQ; or instruction and answer as in LLM-Adapters";

  /**
   * A question in parts.
   *
   * @param prompt that of its benchmark for answers by their text
   */
  private record Parts(
      String subject, String stem, String prompt, List<String> choices, int answer) {}

  @Override
  public Question read(JsonNode row) {
    if (row.has("instruction")) {
      return adapters(row);
    }
    if (row.path("question").isObject()) {
      JsonNode question = row.get("question");
      return put(stemAndChoices(question, "stem", row), Ask.TEXT);
    }
    if (row.has("question_stem")) {
      Parts parts = stemAndChoices(row, "question_stem", row);
      String prompt = parts.stem(); // OpenBookQA's stems are beginnings of sentences
      return put(
          new Parts(parts.subject(), parts.stem(), prompt, parts.choices(), parts.answer()),
          Ask.TEXT);
    }
    if (row.has("choices")) {
      return row.has("answerKey")
          ? put(stemAndChoices(row, "question", row), Ask.TEXT)
          : put(mmlu(row), Ask.LISTED);
    }
    if (row.has("passage")) {
      return put(boolq(row), Ask.TEXT);
    }
    List<String> names = new ArrayList<>();
    row.fieldNames().forEachRemaining(names::add);
    throw new IllegalArgumentException(
        "has the fields %s (expected: %s)".formatted(names, EXPECTED));
  }

  private Question put(Parts parts, Ask usual) {
    if (parts.choices().size() < 2 || parts.choices().size() > LETTERS.length()) {
      throw new IllegalArgumentException(
          "choices: %d (expected: 2 to %d)".formatted(parts.choices().size(), LETTERS.length()));
    }
    Ask how = ask == Ask.AUTO ? usual : ask;
    return how == Ask.TEXT
        ? Question.choice(parts.subject(), parts.prompt(), " ", parts.choices(), parts.answer())
        : listed(parts);
  }

  private static Question listed(Parts parts) {
    StringBuilder prompt = new StringBuilder(parts.stem().strip());
    for (int i = 0; i < parts.choices().size(); i++) {
      prompt.append('\n').append(LETTERS.charAt(i)).append(". ").append(parts.choices().get(i));
    }
    List<String> letters = List.of(LETTERS.substring(0, parts.choices().size()).split(""));
    return Question.choice(
        parts.subject(), prompt.append("\nAnswer:").toString(), " ", letters, parts.answer());
  }

  private static String prompt(String stem) {
    return "Question: " + stem + "\nAnswer:";
  }

  /** ARC, OpenBookQA: choices are two lists, or a list of pairs. */
  private static Parts stemAndChoices(JsonNode question, String field, JsonNode row) {
    JsonNode choices = question.path("choices");
    List<String> texts;
    List<String> labels;
    if (choices.isArray()) {
      texts = texts(choices, "text");
      labels = texts(choices, "label");
    } else {
      texts = texts(choices.path("text"));
      labels = texts(choices.path("label"));
    }
    if (texts.isEmpty() || texts.size() != labels.size()) {
      throw new IllegalArgumentException(
          "choices: %s (expected: as many texts as labels, at least one)".formatted(choices));
    }
    String key = QuestionForm.text(row, "answerKey").strip();
    String stem = QuestionForm.text(question, field);
    return new Parts("", stem, prompt(stem), texts, place("answerKey", key, labels));
  }

  private static List<String> texts(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asText).toList();
  }

  private static List<String> texts(JsonNode array, String field) {
    return StreamSupport.stream(array.spliterator(), false)
        .map(each -> QuestionForm.text(each, field))
        .toList();
  }

  private static int place(String field, String answer, List<String> labels) {
    int place = labels.indexOf(answer);
    if (place < 0) {
      throw new IllegalArgumentException(
          "%s: %s (expected: one of %s)".formatted(field, answer, labels));
    }
    return place;
  }

  /** The answer is a place, or a letter (and a CSV has no numbers). */
  private static Parts mmlu(JsonNode row) {
    List<String> choices = texts(row.get("choices"));
    String given = row.path("answer").asText("").strip();
    int answer = given.matches("\\d{1,2}") ? Integer.parseInt(given) : LETTERS.indexOf(given);
    if (answer < 0 || answer >= choices.size() || given.isEmpty()) {
      throw new IllegalArgumentException(
          "answer: %s (expected: the right one of %d choices, counted from 0, or its letter)"
              .formatted(row.path("answer"), choices.size()));
    }
    String subject =
        row.hasNonNull("subject") ? QuestionForm.text(row, "subject").replace('_', ' ') : "";
    String stem = QuestionForm.text(row, "question");
    return new Parts(subject, stem, prompt(stem), choices, answer);
  }

  private static Parts boolq(JsonNode row) {
    JsonNode answer = row.has("label") ? row.get("label") : row.path("answer");
    boolean yes = answer.asText("").matches("true|1");
    if (!yes && !answer.asText("").matches("false|0")) {
      throw new IllegalArgumentException("answer: %s (expected: true or false)".formatted(answer));
    }
    String stem =
        QuestionForm.text(row, "passage")
            + "\nQuestion: "
            + QuestionForm.text(row, "question")
            + "?";
    return new Parts("", stem, stem + "\nAnswer:", List.of("no", "yes"), yes ? 1 : 0);
  }

  private Question adapters(JsonNode row) {
    String instruction = QuestionForm.text(row, "instruction");
    int format = instruction.lastIndexOf(ANSWER_FORMAT);
    if (format < 0) {
      throw new IllegalArgumentException(
          "instruction: ends without '%s...' (expected: the answers to choose from; rows of numbers want kind=gsm8k)"
              .formatted(ANSWER_FORMAT));
    }
    List<String> labels =
        Arrays.stream(instruction.substring(format + ANSWER_FORMAT.length()).strip().split("/"))
            .map(String::strip)
            .toList();
    int answer = place("answer", QuestionForm.text(row, "answer").strip(), labels);
    if (ask == Ask.AUTO) {
      List<String> choices = labels.stream().map("the correct answer is "::concat).toList();
      return Question.choice("", instruction + "\n", "", choices, answer);
    }
    return put(listOf(instruction.substring(0, format).strip(), labels, answer), Ask.TEXT);
  }

  /** Takes {@code ...: STEM Answer1: ... Answer2: ...} apart. */
  private static Parts listOf(String text, List<String> labels, int answer) {
    String question = text.substring(text.indexOf(": ") + 2);
    if (labels.equals(List.of("true", "false"))) {
      return new Parts(
          "",
          question,
          prompt(question),
          List.of("no", "yes"),
          labels.get(answer).equals("true") ? 1 : 0);
    }
    List<String> choices = new ArrayList<>();
    int stemEnd = -1;
    int from = 0;
    for (int i = 0; i < labels.size(); i++) {
      String mark = mark(labels.get(i));
      int at = question.indexOf(mark, from);
      int end =
          i + 1 < labels.size() ? question.indexOf(mark(labels.get(i + 1)), at) : question.length();
      if (at < 0 || end < 0) {
        throw new IllegalArgumentException(
            "instruction: no '%s' (expected: an answer for each of %s)"
                .formatted(at < 0 ? mark : mark(labels.get(i + 1)), labels));
      }
      stemEnd = i == 0 ? at : stemEnd;
      choices.add(question.substring(at + mark.length(), end).strip());
      from = end;
    }
    String stem = question.substring(0, stemEnd).strip();
    return new Parts("", stem, prompt(stem), choices, answer);
  }

  private static String mark(String label) {
    return label.substring(0, 1).toUpperCase(Locale.ROOT) + label.substring(1) + ": ";
  }
}
