package dev.troupe.lm.internal;

import dev.troupe.lm.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A rendered conversation, cut into what is learned and what is only read. A template says nothing
 * about where in its output a message ended up, so this is found out by rendering more than once:
 *
 * <ol>
 *   <li>Prefixes. With most templates, a conversation's rendering begins with that of its first
 *       turns. Then an answer is what stands between the rendering of what came before it, with the
 *       opening of the assistant's turn, and the rendering that ends with it: learning begins where
 *       generation will begin.
 *   <li>Marks. Some templates render a turn by what follows it (a system prompt that moves to the
 *       last question, say), or refuse a beginning. Then each message is put between marks, and the
 *       marks are looked up in the rendering, as instructlab/training does it. This only counts if
 *       the text without marks is the one that the template renders without them. An answer goes on
 *       to the token that ends its turn. What every turn says is learned this way too.
 * </ol>
 *
 * <p>If neither works the conversation is refused, since guessing would train on the wrong tokens.
 *
 * @param parts in order; together they are the text, up to the last that is learned
 */
public record LearnedText(List<Part> parts) {

  /** A piece of the text. */
  public record Part(String text, boolean learned) {}

  /** A chat template. */
  @FunctionalInterface
  public interface Renderer {
    /**
     * @throws IllegalArgumentException if the template refuses the messages
     */
    String render(List<Message> messages, boolean generationPrompt);
  }

  private static final String ASSISTANT = "assistant";

  /** Around a message stands {@code \uFDD0 number \uFDD1}; Unicode keeps both from all texts. */
  private static final Pattern MARK = Pattern.compile("\uFDD0(/?)(\\d+)\uFDD1");

  /**
   * Renders a conversation.
   *
   * @param everyTurn whether all turns but the system's are learned, not the assistant's alone
   * @param eos what ends a turn, "" if the tokenizer has none
   * @param special the texts of all special tokens
   * @throws IllegalArgumentException if no turn is to be learned, the template refuses the
   *     conversation, or does not tell where the learned turns are
   */
  public static LearnedText of(
      Renderer template,
      List<Message> messages,
      boolean everyTurn,
      String eos,
      List<String> special) {
    int end = messages.size();
    while (end > 0 && !learned(messages.get(end - 1), everyTurn)) {
      end--; // nothing is learned from what stands behind
    }
    if (end == 0) {
      throw new IllegalArgumentException(
          everyTurn
              ? "messages: no turn but the system's (expected: at least one)"
              : "messages: no turn of role assistant (expected: one)");
    }
    List<Message> read = messages.subList(0, end);
    Optional<LearnedText> byPrefix = everyTurn ? Optional.empty() : byPrefix(template, read, eos);
    return byPrefix
        .or(() -> byMarks(template, read, everyTurn, eos, special))
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "chat template: changes what a turn says by what stands around or in it, so the"
                        + " text to learn cannot be told (expected: the text as given; one answer a"
                        + " row, or rows of prompt and completion)"));
  }

  private static boolean learned(Message message, boolean everyTurn) {
    return everyTurn ? !message.role().equals("system") : message.role().equals(ASSISTANT);
  }

  private static Optional<LearnedText> byPrefix(
      Renderer template, List<Message> messages, String eos) {
    Parts parts = new Parts();
    String done = "";
    try {
      for (int i = 0; i < messages.size(); i++) {
        if (messages.get(i).role().equals(ASSISTANT)) {
          String asked = template.render(messages.subList(0, i), true);
          String answered = template.render(messages.subList(0, i + 1), false);
          if (!asked.startsWith(done) || !answered.startsWith(asked)) {
            return Optional.empty();
          }
          parts.add(asked.substring(done.length()), false);
          String answer = answered.substring(asked.length());
          int last = eos.isEmpty() ? -1 : answer.lastIndexOf(eos);
          int end = last < 0 ? answer.length() : last + eos.length();
          parts.add(answer.substring(0, end), true);
          parts.add(answer.substring(end), false); // a newline, often
          done = answered;
        }
      }
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // refuses a part; marks ask for the whole
    }
    return Optional.of(parts.text());
  }

  private static Optional<LearnedText> byMarks(
      Renderer template,
      List<Message> messages,
      boolean everyTurn,
      String eos,
      List<String> special) {
    String plain = template.render(messages, false);
    for (boolean trimmed : List.of(false, true)) { // the template may trim what messages say
      String marked = template.render(marked(messages, trimmed), false);
      if (MARK.matcher(marked).replaceAll("").equals(plain)) {
        return cut(marked, messages, everyTurn, eos, special);
      }
    }
    return Optional.empty();
  }

  private static List<Message> marked(List<Message> messages, boolean trimmed) {
    List<Message> marked = new ArrayList<>();
    for (int i = 0; i < messages.size(); i++) {
      String content = messages.get(i).content();
      String core = trimmed ? content.strip() : content;
      int from = content.indexOf(core);
      String text =
          content.substring(0, from)
              + "\uFDD0%d\uFDD1%s\uFDD0/%d\uFDD1".formatted(i, core, i)
              + content.substring(from + core.length());
      marked.add(new Message(messages.get(i).role(), text));
    }
    return marked;
  }

  /** Empty if a mark has no partner, or a turn to be learned is not there. */
  private static Optional<LearnedText> cut(
      String marked, List<Message> messages, boolean everyTurn, String eos, List<String> special) {
    Parts parts = new Parts();
    boolean[] found = new boolean[messages.size()];
    String open = null; // the message that we are in
    boolean answered = false; // an answer stands before the mark, its end does not yet
    int at = 0;
    Matcher mark = MARK.matcher(marked);
    while (mark.find()) {
      String text = marked.substring(at, mark.start());
      at = mark.end();
      int turn = Integer.parseInt(mark.group(2));
      boolean closes = !mark.group(1).isEmpty();
      if (closes ? !mark.group(2).equals(open) : open != null) {
        return Optional.empty();
      }
      if (closes) {
        parts.add(text, learned(messages.get(turn), everyTurn));
        found[turn] = true;
        answered = messages.get(turn).role().equals(ASSISTANT);
      } else {
        parts.between(text, answered, eos, special);
      }
      open = closes ? null : mark.group(2);
    }
    parts.between(marked.substring(at), answered, eos, special);
    for (int i = 0; i < found.length; i++) {
      if (!found[i] && learned(messages.get(i), everyTurn)) {
        return Optional.empty();
      }
    }
    return open == null ? Optional.of(parts.text()) : Optional.empty();
  }

  /** Grows a text; parts of one kind that follow each other become one. */
  private static final class Parts {
    private final List<Part> parts = new ArrayList<>();

    void add(String text, boolean learned) {
      int last = parts.size() - 1;
      if (last >= 0 && parts.get(last).learned() == learned) {
        parts.set(last, new Part(parts.get(last).text() + text, learned));
      } else if (!text.isEmpty()) {
        parts.add(new Part(text, learned));
      }
    }

    /** What a template puts between two messages; behind an answer it begins with its end. */
    void between(String text, boolean answered, String eos, List<String> special) {
      int end = answered ? endOfTurn(text, eos, special) : 0;
      add(text.substring(0, end), true);
      add(text.substring(end), false);
    }

    /** Behind eos, or else behind the first special token; 0 if there is none. */
    private static int endOfTurn(String text, String eos, List<String> special) {
      int first = eos.isEmpty() ? -1 : text.indexOf(eos);
      String token = first < 0 ? "" : eos;
      for (String other : first < 0 ? special : List.<String>of()) {
        int at = text.indexOf(other);
        boolean better = at == first ? other.length() > token.length() : at < first || first < 0;
        if (at >= 0 && better) {
          first = at;
          token = other;
        }
      }
      return first < 0 ? 0 : first + token.length();
    }

    LearnedText text() {
      while (!parts.isEmpty() && !parts.get(parts.size() - 1).learned()) {
        parts.remove(parts.size() - 1);
      }
      return new LearnedText(List.copyOf(parts));
    }
  }
}
