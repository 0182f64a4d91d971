package dev.troupe.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerTest {

  private static final String ALPHABET = "\n abcdefghijklmnopqrstuvwxyz0123456789+=";

  @TempDir Path folder;

  @Test
  void aCharacterIsAToken() {
    Tokenizer.writeCharacters(folder, ALPHABET);
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertThat(tokenizer.vocabSize()).isEqualTo(4 + ALPHABET.length());
      assertThat(tokenizer.encode("\n a")).containsExactly(4, 5, 6);
      assertThat(tokenizer.encodeWithSpecials("ab")).containsExactly(6, 7);
      assertThat(tokenizer.encode("<|im_start|>a<|im_end|>")).containsExactly(1, 6, 2);
      assertThat(tokenizer.encode("aXb")).containsExactly(6, 3, 7);
      assertThat(tokenizer.decode(tokenizer.encode("12 + 3 = 15\nyes<|im_end|>")))
          .isEqualTo("12 + 3 = 15\nyes");
      assertThat(tokenizer.eos()).hasValue(2);
      assertThat(tokenizer.bos()).hasValue(1);
      assertThat(tokenizer.id("<pad>")).hasValue(0);
      assertThat(tokenizer.id("nothing")).isEmpty();
    }
  }

  @Test
  void onlyTheAssistantsTurnsCount() {
    Tokenizer.writeCharacters(folder, ALPHABET);
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      ChatEncoder encoder = new ChatEncoder(tokenizer);
      List<Message> messages =
          List.of(
              new Message("user", "1+1"),
              new Message("assistant", "2"),
              new Message("user", "bye"),
              new Message("assistant", "so long"),
              new Message("user", "unanswered"));
      Example example = encoder.conversation(messages);
      assertThat(tokenizer.decode(example.tokens()))
          .isEqualTo("user\n1+1assistant\n2user\nbyeassistant\nso long");
      assertThat(counted(tokenizer, example)).isEqualTo("2so long");
      assertThat(example.tokens()[example.length() - 1]).isEqualTo(2);
      assertThat(example.countedTokens()).isEqualTo("2".length() + 1 + "so long".length() + 1);

      int[] prompt = encoder.conversationPrompt(messages.subList(0, 1));
      assertThat(example.tokens()).startsWith(prompt);
    }
  }

  @Test
  void aCompletionCountsWithItsEnd() {
    Tokenizer.writeCharacters(folder, ALPHABET);
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      Example example = new ChatEncoder(tokenizer).completion("ab", "cd");
      assertThat(example.tokens()).containsExactly(6, 7, 8, 9, 2);
      assertThat(example.counted()).containsExactly(false, false, true, true, true);
    }
  }

  private static String counted(Tokenizer tokenizer, Example example) {
    int[] ids =
        java.util.stream.IntStream.range(0, example.length())
            .filter(t -> example.counted()[t])
            .map(t -> example.tokens()[t])
            .toArray();
    return tokenizer.decode(ids);
  }

  @Test
  void aConversationWithoutAnAnswerIsRefused() {
    Tokenizer.writeCharacters(folder, ALPHABET);
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      ChatEncoder encoder = new ChatEncoder(tokenizer);
      assertThatThrownBy(() -> encoder.conversation(List.of(new Message("user", "hello"))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("no turn of role assistant");
    }
  }

  @Test
  void saysWhichFileIsMissingOrBroken() throws Exception {
    assertThatThrownBy(() -> Tokenizer.load(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tokenizer.json: no such file");
    Files.writeString(folder.resolve("tokenizer.json"), "{\"model\": ");
    assertThatThrownBy(() -> Tokenizer.load(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tokenizer.json: not JSON");
    Files.writeString(folder.resolve("tokenizer.json"), "{\"model\": {\"type\": \"Nothing\"}}");
    assertThatThrownBy(() -> Tokenizer.load(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot be read as a tokenizer");
  }

  @Test
  void anAlphabetHasEachCharacterOnce() {
    assertThatThrownBy(() -> Tokenizer.writeCharacters(folder, "aba"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("alphabet: character 'a' twice (expected: each once)");
  }
}
