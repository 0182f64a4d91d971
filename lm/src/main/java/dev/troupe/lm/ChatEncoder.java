package dev.troupe.lm;

import java.util.List;

/** Makes examples of data rows: the prompt is context, the answer is what the loss counts. */
public final class ChatEncoder {

  public ChatEncoder(Tokenizer tokenizer) {
    Skeleton.missing();
  }

  /**
   * A conversation, rendered by the chat template; only the assistant's turns count, with the token
   * that ends them.
   */
  public Example conversation(List<Message> messages) {
    return Skeleton.missing();
  }

  /** A prompt and its completion: bos (if the tokenizer has one), prompt, completion, eos. */
  public Example completion(String prompt, String completion) {
    return Skeleton.missing();
  }

  /** Ids after which the model is to answer: a conversation up to an assistant's turn. */
  public int[] conversationPrompt(List<Message> messages) {
    return Skeleton.missing();
  }

  /** Ids of a bare prompt, as {@link #completion} begins. */
  public int[] completionPrompt(String prompt) {
    return Skeleton.missing();
  }
}
