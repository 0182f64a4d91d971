package dev.troupe.sft.internal.eval;

import com.fasterxml.jackson.databind.JsonNode;
import dev.troupe.sft.SftEvalOptions;
import dev.troupe.sft.SftEvalOptions.Kind;
import dev.troupe.sft.internal.RecordFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Reads the questions of an evaluation, each behind the examples that it gets. */
final class Questions {

  private static final String BETWEEN = "\n\n";

  private final SftEvalOptions options;
  private final QuestionForm form;
  private final List<Question> examples;

  /**
   * Reads the examples.
   *
   * @throws IllegalArgumentException if there are too few
   */
  Questions(SftEvalOptions options) {
    form = options.kind() == Kind.GSM8K ? new Gsm8k() : new ChoiceForm(options.ask());
    this.options = options;
    int shots = options.shots();
    if (shots == 0) {
      examples = List.of();
      return;
    }
    examples = read(Path.of(options.shotsData().orElseThrow()), Integer.MAX_VALUE);
    if (examples.size() < shots) {
      throw new IllegalArgumentException(
          "%s: %d rows (expected: at least shots, %d)"
              .formatted(options.shotsData().get(), examples.size(), shots));
    }
  }

  /**
   * The questions of a file.
   *
   * @param limit most rows
   * @throws IllegalArgumentException if the file cannot be read, or a row has not the form; the
   *     message names file and line
   */
  List<Question> of(Path file, int limit) {
    boolean own = options.shotsData().filter(of -> Path.of(of).equals(file)).isPresent();
    Shots shots = new Shots(examples, options.shots(), own, options.shotsSeed());
    return read(file, limit).stream().map(q -> q.after(before(q, shots.next(q)))).toList();
  }

  private List<Question> read(Path file, int limit) {
    List<Question> questions = new ArrayList<>();
    try (RecordFile records = RecordFile.open(file)) {
      while (questions.size() < limit) {
        JsonNode row = records.next();
        if (row == null) {
          break;
        }
        questions.add(read(row, records));
      }
    }
    if (questions.isEmpty()) {
      throw new IllegalArgumentException(file + ": no rows (expected: at least 1)");
    }
    return questions;
  }

  private Question read(JsonNode row, RecordFile records) {
    try {
      return form.read(row);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(records.where() + ": " + e.getMessage(), e);
    }
  }

  /** What stands before a question: what it is about, and examples. */
  private static String before(Question question, List<Question> examples) {
    String about =
        question.subject().isEmpty()
            ? ""
            : "The following are multiple choice questions (with answers) about %s.%s"
                .formatted(question.subject(), BETWEEN);
    return examples.stream()
        .map(example -> example.solved() + BETWEEN)
        .collect(Collectors.joining("", about, ""));
  }
}
