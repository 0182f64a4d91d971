package dev.troupe.sft.internal.eval;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

/** Against lm-evaluation-harness; the file is made by {@code src/test/python/evaluation.py}. */
class Gsm8kTest {

  @Test
  void extractsAndComparesAsTheHarnessDoes() throws Exception {
    JsonNode expected =
        new ObjectMapper().readTree(Gsm8kTest.class.getResource("/evaluation/expected.json"));
    JsonNode solutions = expected.get("solutions");
    assertThat(expected.get("gsm8k")).hasSizeGreaterThan(20);
    for (JsonNode one : expected.get("gsm8k")) {
      String response = one.get("response").asText();
      String strict = Gsm8k.strict(response);
      String flexible = Gsm8k.flexible(response);
      assertThat(strict).as(response).isEqualTo(one.get("strict").asText());
      assertThat(flexible).as(response).isEqualTo(one.get("flexible").asText());
      for (int i = 0; i < solutions.size(); i++) {
        String solution = solutions.get(i).asText();
        assertThat(Gsm8k.matches(strict, solution))
            .as("%s: strict against %s", response, solution)
            .isEqualTo(one.get("strictMatches").get(i).asBoolean());
        assertThat(Gsm8k.matches(flexible, solution))
            .as("%s: flexible against %s", response, solution)
            .isEqualTo(one.get("flexibleMatches").get(i).asBoolean());
      }
    }
  }

  @Test
  void aResponseEndsWhereTheNextQuestionBegins() {
    assertThat(Gsm8k.cut(" 7\n#### 7\n\nQuestion: What")).isEqualTo(" 7\n#### 7\n\n");
    assertThat(Gsm8k.cut("7<|im_end|>8</s>9")).isEqualTo("7");
    assertThat(Gsm8k.cut("7")).isEqualTo("7");
  }
}
