package dev.troupe.sft.internal;

import dev.troupe.lm.ChatEncoder;
import dev.troupe.lm.Example;
import dev.troupe.lm.Message;
import java.util.List;

/** One row of training data, before it is tokenized. */
sealed interface Row {

  /** Token ids, and the marks of what the loss counts. */
  Example encode(ChatEncoder encoder, boolean chat);

  /** Whether it may be cut where it is too long, since each part is learned like the whole. */
  default boolean divisible() {
    return false;
  }

  /**
   * {@code messages}: a conversation.
   *
   * @param messages at least one of them learned
   * @param unmask whether all turns but the system's are learned, not the assistant's alone
   */
  record Conversation(List<Message> messages, boolean unmask) implements Row {
    @Override
    public Example encode(ChatEncoder encoder, boolean chat) {
      return encoder.conversation(messages, unmask);
    }
  }

  /** {@code prompt} and {@code completion}: text as it stands. */
  record Completion(String prompt, String completion) implements Row {
    @Override
    public Example encode(ChatEncoder encoder, boolean chat) {
      return encoder.completion(prompt, completion);
    }
  }

  /**
   * {@code question} and {@code answer}, or {@code instruction} and {@code output}: a conversation
   * of one turn if the model has a chat template, else text with a line break between.
   */
  record Question(String question, String answer) implements Row {
    @Override
    public Example encode(ChatEncoder encoder, boolean chat) {
      return chat
          ? encoder.conversation(
              List.of(new Message("user", question), new Message("assistant", answer)))
          : encoder.completion(question + "\n", answer);
    }
  }

  /** {@code text}: a document, all of which is learned. */
  record Document(String text) implements Row {
    @Override
    public Example encode(ChatEncoder encoder, boolean chat) {
      return encoder.text(text);
    }

    @Override
    public boolean divisible() {
      return true;
    }
  }
}
