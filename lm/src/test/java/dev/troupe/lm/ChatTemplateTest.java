package dev.troupe.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.troupe.lm.internal.ChatTemplate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Against Jinja as transformers uses it; the cases are made by {@code
 * src/test/python/templates.py}.
 */
class ChatTemplateTest {

  private static final Map<String, String> TOKENS = Map.of("bos_token", "<s>", "eos_token", "</s>");

  @Test
  void rendersAsTransformersDoes() throws Exception {
    JsonNode cases =
        new ObjectMapper().readTree(ChatTemplateTest.class.getResource("/golden/templates.json"));
    assertThat(cases).hasSizeGreaterThan(20);
    for (JsonNode one : cases) {
      List<Message> messages = new ArrayList<>();
      for (JsonNode message : one.get("messages")) {
        messages.add(new Message(message.get("role").asText(), message.get("content").asText()));
      }
      ChatTemplate template = new ChatTemplate(one.get("template").asText(), TOKENS);
      assertThat(template.render(messages, one.get("prompt").asBoolean()))
          .as("%s of %d turns", one.get("name").asText(), messages.size())
          .isEqualTo(one.get("text").asText());
    }
  }

  @Test
  void namesAFilterThatThereIsNotWhereItIsApplied() {
    String text = "{% if wanted %}{{ '|x' ~ (messages | nosuch) }}{% endif %}";
    List<Message> messages = List.of(new Message("user", "x"));
    assertThat(new ChatTemplate(text, TOKENS).render(messages, false)).isEmpty();
    ChatTemplate reached = new ChatTemplate("{% set wanted = true %}" + text, TOKENS);
    assertThatThrownBy(() -> reached.render(messages, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("chat template: ")
        .hasMessageContaining("unknown filter 'nosuch'");
  }

  @Test
  void passesOnARefusal() {
    ChatTemplate template = new ChatTemplate("{{ raise_exception('no tools here') }}", TOKENS);
    assertThatThrownBy(() -> template.render(List.of(new Message("user", "x")), false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no tools here");
  }
}
