package dev.troupe.sft.internal;

import dev.troupe.lm.ChatEncoder;
import dev.troupe.lm.Example;
import dev.troupe.lm.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The demonstration's language: short instructions on words of random letters, such as {@code
 * reverse cab:}, and their answers. Made from a seed; no prompt that is held out is ever trained
 * on.
 */
public final class DemoTasks {

  /** All characters that prompts and answers use. */
  static final String ALPHABET = " :abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

  private static final String LETTERS = "abcdefghij";
  private static final int SHORTEST = 3;
  private static final int LONGEST = 5;
  private static final int TRAINING_ROWS = 20_000;
  private static final int HELD_OUT_ROWS = 48;

  /** There are only 100 sums. */
  private static final int HELD_OUT_SUMS = 16;

  private static final long HELD_OUT_STREAM = 1;
  private static final long TRAINING_STREAM = 2;

  /** A prompt and the one right answer. */
  record Item(String prompt, String answer) {}

  private interface Kind {
    Item make(CounterRandom random);
  }

  private interface WordFunction {
    String apply(String word);
  }

  private static final Map<String, Kind> KINDS = new LinkedHashMap<>();

  static {
    word("copy", w -> w);
    word("reverse", w -> new StringBuilder(w).reverse().toString());
    word("upper", w -> w.toUpperCase(Locale.ROOT));
    word("sort", DemoTasks::sorted);
    word("next", DemoTasks::next);
    word("last", w -> w.substring(w.length() - 1));
    KINDS.put("count", DemoTasks::count);
    KINDS.put("add", DemoTasks::add);
  }

  private DemoTasks() {}

  /** Names of the kinds of task, in the order in which they are shown. */
  public static List<String> kinds() {
    return List.copyOf(KINDS.keySet());
  }

  /** Prompts that training never sees, all different. */
  static List<Item> heldOut(long seed, String kind) {
    int ordinal = kinds().indexOf(kind);
    CounterRandom random = new CounterRandom(seed, (HELD_OUT_STREAM << 32) + ordinal);
    Set<Item> items = new LinkedHashSet<>();
    while (items.size() < (kind.equals("add") ? HELD_OUT_SUMS : HELD_OUT_ROWS)) {
      items.add(KINDS.get(kind).make(random));
    }
    return List.copyOf(items);
  }

  /** Rows to train on, of all kinds. */
  static Dataset training(long seed, Tokenizer tokenizer) {
    Set<Item> heldOut = new HashSet<>();
    kinds().forEach(kind -> heldOut.addAll(heldOut(seed, kind)));
    CounterRandom random = new CounterRandom(seed, TRAINING_STREAM << 32);
    ChatEncoder encoder = new ChatEncoder(tokenizer);
    List<Kind> kinds = List.copyOf(KINDS.values());
    List<Example> examples = new ArrayList<>();
    while (examples.size() < TRAINING_ROWS) {
      Item item = kinds.get(random.nextInt(kinds.size())).make(random);
      if (!heldOut.contains(item)) {
        examples.add(encoder.completion(item.prompt(), item.answer()));
      }
    }
    return new Dataset(examples, 0);
  }

  private static void word(String verb, WordFunction answer) {
    KINDS.put(
        verb,
        random -> {
          String word = randomWord(random);
          return new Item(verb + " " + word + ":", answer.apply(word));
        });
  }

  private static String randomWord(CounterRandom random) {
    int length = SHORTEST + random.nextInt(LONGEST - SHORTEST + 1);
    StringBuilder word = new StringBuilder();
    for (int i = 0; i < length; i++) {
      word.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return word.toString();
  }

  private static String sorted(String word) {
    char[] letters = word.toCharArray();
    Arrays.sort(letters);
    return new String(letters);
  }

  private static String next(String word) {
    StringBuilder shifted = new StringBuilder();
    for (int i = 0; i < word.length(); i++) {
      int letter = LETTERS.indexOf(word.charAt(i));
      shifted.append(LETTERS.charAt((letter + 1) % LETTERS.length()));
    }
    return shifted.toString();
  }

  private static Item count(CounterRandom random) {
    String word = randomWord(random);
    char letter = word.charAt(random.nextInt(word.length()));
    long times = word.chars().filter(c -> c == letter).count();
    return new Item("count " + letter + " " + word + ":", Long.toString(times));
  }

  private static Item add(CounterRandom random) {
    int a = random.nextInt(10);
    int b = random.nextInt(10);
    return new Item("add " + a + " " + b + ":", Integer.toString(a + b));
  }
}
