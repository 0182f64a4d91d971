package dev.troupe.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is learned of conversations, by templates of the kinds that models come with. */
class ChatEncoderTest {

  private static final String ALPHABET =
      "\n []()<>|/_.,:?!0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

  /** As Gemma does: trims, and has no system turn. */
  private static final String TRIMS =
      "{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}"
          + "{% endif %}{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' +"
          + " message['content'] | trim + '<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt"
          + " %}{{ '<|im_start|>assistant\n' }}{% endif %}";

  /** As Mistral's later ones do: the system prompt stands before the last question. */
  private static final String MOVES_SYSTEM =
      "{% if messages[0]['role'] == 'system' %}{% set system = messages[0]['content'] + '\n' %}"
          + "{% set rest = messages[1:] %}{% else %}{% set system = '' %}{% set rest = messages %}"
          + "{% endif %}{% set ns = namespace(last=0) %}{% for message in rest %}{% if"
          + " message['role'] == 'user' %}{% set ns.last = loop.index0 %}{% endif %}{% endfor %}"
          + "{% for message in rest %}{% if message['role'] == 'user' %}{{ '[Q]' + (system if"
          + " loop.index0 == ns.last else '') + message['content'] + '[/Q]' }}{% else %}{{"
          + " message['content'] | trim + '<|im_end|>' }}{% endif %}{% endfor %}";

  /** As DeepSeek and Qwen 3 do: thoughts of earlier turns are left out. */
  private static final String FORGETS_THOUGHTS =
      "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' }}{% if"
          + " message['role'] == 'assistant' and not loop.last %}{{"
          + " message['content'].split('</think>')[-1] }}{% else %}{{ message['content'] }}"
          + "{% endif %}{{ '<|im_end|>' }}{% endfor %}{% if add_generation_prompt %}{{"
          + " '<|im_start|>assistant\n' }}{% endif %}";

  @TempDir private Path folder;

  private static Message user(String content) {
    return new Message("user", content);
  }

  private static Message assistant(String content) {
    return new Message("assistant", content);
  }

  private static Message system(String content) {
    return new Message("system", content);
  }

  /** The text of all tokens; each run of tokens that count stands in braces. */
  private String learned(String template, boolean everyTurn, Message... messages)
      throws IOException {
    Tokenizer.writeCharacters(folder, ALPHABET);
    Files.writeString(folder.resolve("chat_template.jinja"), template);
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      Example example = new ChatEncoder(tokenizer).conversation(List.of(messages), everyTurn);
      StringBuilder text = new StringBuilder();
      for (int t = 0; t < example.length(); t++) {
        boolean before = t > 0 && example.counted()[t - 1];
        text.append(!before && example.counted()[t] ? "{" : "");
        text.append(before && !example.counted()[t] ? "}" : "");
        text.append(tokenizer.decodeWithSpecials(new int[] {example.tokens()[t]}));
      }
      return text + "}";
    }
  }

  @Test
  void anAnswerIsLearnedWithItsEnd() throws IOException {
    assertThat(
            learned(
                TRIMS, false, user(" hi "), assistant("\nho "), user("bye"), assistant("so long")))
        .isEqualTo(
            """
            <|im_start|>user
            hi<|im_end|>
            <|im_start|>assistant
            {ho<|im_end|>}
            <|im_start|>user
            bye<|im_end|>
            <|im_start|>assistant
            {so long<|im_end|>}\
            """);
  }

  @Test
  void everyTurnIsLearnedAsTheTemplateTrimsIt() throws IOException {
    assertThat(learned(TRIMS, true, user(" hi "), assistant("\nho "), user("bye ")))
        .isEqualTo(
            """
            <|im_start|>user
            {hi}<|im_end|>
            <|im_start|>assistant
            {ho<|im_end|>}
            <|im_start|>user
            {bye}\
            """);
  }

  @Test
  void answersAreFoundWhereTheTemplateDoesNotOnlyAppend() throws IOException {
    assertThat(
            learned(
                MOVES_SYSTEM,
                false,
                system("Be short."),
                user("hi"),
                assistant(" ho "),
                user("bye"),
                assistant("so long")))
        .isEqualTo("[Q]hi[/Q]{ho<|im_end|>}[Q]Be short.\nbye[/Q]{so long<|im_end|>}");
  }

  @Test
  void anEndOtherThanEosIsFoundAmongTheSpecialTokens() throws IOException {
    String template =
        MOVES_SYSTEM.replace("<|im_end|>", "<pad>"); // special, and not what eos_token names
    assertThat(
            learned(
                template, false, system("s"), user("a"), assistant("b"), user("c"), assistant("d")))
        .isEqualTo("[Q]a[/Q]{b<pad>}[Q]s\nc[/Q]{d<pad>}");
  }

  @Test
  void aConversationMayBeginWithAnAnswer() throws IOException {
    String template = "{% if messages[0]['role'] == 'none' %}{% endif %}" + TRIMS;
    assertThat(learned(template, false, assistant("Hello!"), user("hi"), assistant("ho")))
        .contains("{Hello!<|im_end|>}", "{ho<|im_end|>}");
  }

  @Test
  void thoughtsAreLearnedInTheLastTurnAndRefusedBefore() throws IOException {
    assertThat(learned(FORGETS_THOUGHTS, false, user("hi"), assistant("hm</think>ho")))
        .endsWith("assistant\n{hm</think>ho<|im_end|>}");
    Message[] longer = {
      user("hi"), assistant("hm</think>ho"), user("bye"), assistant("so</think>long")
    };
    assertThatThrownBy(() -> learned(FORGETS_THOUGHTS, false, longer))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the text to learn cannot be told")
        .hasMessageContaining("one answer a row");
  }

  @Test
  void aRefusalOfTheTemplateIsPassedOn() {
    List<Message> messages = new ArrayList<>(List.of(system("s"), user("a"), assistant("b")));
    assertThatThrownBy(() -> learned(TRIMS, false, messages.toArray(new Message[0])))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("System role not supported");
  }

  @Test
  void whereNothingIsToBeLearnedItSaysSo() {
    assertThatThrownBy(() -> learned(TRIMS, true, system("s")))
        .hasMessage("messages: no turn but the system's (expected: at least one)");
    assertThatThrownBy(() -> learned(TRIMS, false, user("s")))
        .hasMessage("messages: no turn of role assistant (expected: one)");
  }

  @Test
  void aDocumentEndsOnce() {
    Tokenizer.writeCharacters(folder, ALPHABET);
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      ChatEncoder encoder = new ChatEncoder(tokenizer);
      Example example = encoder.text("ab");
      assertThat(tokenizer.decodeWithSpecials(example.tokens())).isEqualTo("ab<|im_end|>");
      assertThat(example.countedTokens()).isEqualTo(2); // nothing stands before the first
      assertThat(encoder.text("ab<|im_end|>").tokens()).isEqualTo(example.tokens());
    }
  }
}
