package dev.troupe.sft.internal.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.core.Json;
import dev.troupe.sft.SftEvalOptions.Ask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChoiceFormTest {

  private static final String ADAPTERS =
      """
      {"instruction": "Please choose the correct answer to the question: Where do fish live?\\n\\nAnswer1: in water Answer2: in trees Answer3: in ovens\\n\\nAnswer format: answer1/answer2/answer3", "input": "", "output": "the correct answer is answer1", "answer": "answer1"}
      """;

  private static final String TRUE_OR_FALSE =
      """
      {"instruction": "Please answer the following question with true or false, question: is rain wet?\\n\\nAnswer format: true/false", "answer": "true"}
      """;

  private static Question read(Ask ask, String json) {
    return new ChoiceForm(ask).read(Json.readTree(json));
  }

  @Test
  void anInstructionStandsAsItIs() {
    Question question = read(Ask.AUTO, ADAPTERS);
    assertThat(question.prompt()).startsWith("Please choose").endsWith("answer3\n");
    assertThat(question.choices())
        .containsExactly(
            "the correct answer is answer1",
            "the correct answer is answer2",
            "the correct answer is answer3");
    assertThat(question.answer()).isZero();
  }

  @Test
  void anInstructionIsTakenApart() {
    Question question = read(Ask.TEXT, ADAPTERS);
    assertThat(question.prompt()).isEqualTo("Question: Where do fish live?\nAnswer:");
    assertThat(question.choices()).containsExactly("in water", "in trees", "in ovens");
    assertThat(read(Ask.LISTED, ADAPTERS).prompt())
        .isEqualTo("Where do fish live?\nA. in water\nB. in trees\nC. in ovens\nAnswer:");
    assertThat(read(Ask.LISTED, ADAPTERS).choices()).containsExactly("A", "B", "C");
    Question yes = read(Ask.TEXT, TRUE_OR_FALSE);
    assertThat(yes.prompt()).isEqualTo("Question: is rain wet?\nAnswer:");
    assertThat(yes.choices().get(yes.answer())).isEqualTo("yes");
  }

  @Test
  void readsAi2sOwnSchema() {
    Question question =
        read(
            Ask.AUTO,
            """
            {"id": "x", "question": {"stem": "What is hot?", "choices":
              [{"text": "ice", "label": "A"}, {"text": "fire", "label": "B"}]}, "answerKey": "B"}
            """);
    assertThat(question.solved()).isEqualTo("Question: What is hot?\nAnswer: fire");
  }

  @Test
  void readsBoolqOfBothSchemas() {
    String row = "{\"passage\": \"P.\", \"question\": \"q\", %s}";
    for (String yes : new String[] {"\"answer\": true", "\"label\": 1", "\"answer\": \"true\""}) {
      assertThat(read(Ask.AUTO, row.formatted(yes)).solved())
          .isEqualTo("P.\nQuestion: q?\nAnswer: yes");
    }
    assertThat(read(Ask.AUTO, row.formatted("\"label\": 0")).answer()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"question": "q", "choices": {"text": ["a", "b"], "label": ["A", "B"]}, "answerKey": "C"} | answerKey: C (expected: one of [A, B])
          {"question": "q", "choices": {"text": ["a"], "label": ["A"]}, "answerKey": "A"} | choices: 1 (expected: 2 to 26)
          {"question": "q", "choices": {"text": ["a", "b"], "label": ["A"]}, "answerKey": "A"} | expected: as many texts as labels
          {"question": "q", "choices": ["a", "b"], "answer": -1} | answer: -1 (expected: the right one of 2 choices
          {"question": "q", "choices": ["a", "b"], "answer": "C"} | answer: "C" (expected: the right one of 2 choices
          {"passage": "p", "question": "q", "label": -1} | answer: -1 (expected: true or false)
          {"instruction": "Choose: x Answer format: a/b", "answer": "c"} | answer: c (expected: one of [a, b])
          {"question": 3, "choices": ["a", "b"], "answer": 0} | question: 3 (expected: text)
          """)
  void refusesWhatIsNoQuestion(String row, String complaint) {
    assertThatThrownBy(() -> read(Ask.AUTO, row)).hasMessageContaining(complaint);
  }
}
