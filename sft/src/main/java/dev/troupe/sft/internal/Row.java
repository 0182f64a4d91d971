package dev.troupe.sft.internal;

import dev.troupe.lm.ChatEncoder;
import dev.troupe.lm.Example;
import dev.troupe.lm.Message;
import java.util.List;

/** One row of training data, before it is tokenized. */
sealed interface Row {

  /** Token ids, and the marks of what the loss counts. */
  Example encode(ChatEncoder encoder, boolean chat);

  /**
   * {@code messages}: a conversation.
   *
   * @param messages at least one of them the assistant's
   */
  record Conversation(List<Message> messages) implements Row {
    @Override
    public Example encode(ChatEncoder encoder, boolean chat) {
      return encoder.conversation(messages);
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
   * {@code question} and {@code answer}: a conversation of one turn if the model has a chat
   * template, else text with a line break between.
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
}
