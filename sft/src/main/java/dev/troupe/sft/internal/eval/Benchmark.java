package dev.troupe.sft.internal.eval;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.core.Json;
import dev.troupe.core.options.OptionsBinder;
import dev.troupe.core.options.Violation;
import dev.troupe.sft.SftEvalOptions;
import dev.troupe.sft.SftOptions;
import dev.troupe.sft.internal.ModelCheck;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What a fine-tuning job is judged by: an evaluation as {@code sft-eval} makes it, of the model at
 * several steps.
 *
 * @param name the file with its folder, as in {@code ARC-Easy/test.jsonl}
 * @param options of the evaluation; its model is the one before training
 */
record Benchmark(String name, SftEvalOptions options) {

  private static final String FORM = "FILE@kind=KIND[@NAME=VALUE...]";
  private static final List<String> OWN = List.of("model", "data");

  /**
   * Reads them.
   *
   * @throws IllegalArgumentException if one does not parse; the message says which
   */
  static List<Benchmark> of(SftOptions options) {
    return options.evalTasks().stream().map(text -> parse(text, options)).toList();
  }

  /** What is wrong with them, as far as it can be known before a run. */
  static List<Violation> check(SftOptions options) {
    if (options.evalTasks().isEmpty()) {
      return List.of();
    }
    Optional<Path> model = ModelCheck.check(options.model()).folder();
    List<Violation> violations = new ArrayList<>();
    for (String text : options.evalTasks()) {
      try {
        for (Violation found : EvalCheck.check(parse(text, options).options(), model)) {
          violations.add(new Violation("evalTasks", "'%s': %s".formatted(text, found)));
        }
      } catch (IllegalArgumentException e) {
        violations.add(new Violation("evalTasks", e.getMessage()));
      }
    }
    return violations;
  }

  private static Benchmark parse(String text, SftOptions sft) {
    String[] parts = text.split("@(?=\\w+=)", -1); // a folder may have an @ in its name
    Path file = Path.of(parts[0]);
    ObjectNode given = Json.mapper().createObjectNode();
    given.put("model", sft.model()).put("data", parts[0]).put("threads", sft.threads());
    for (String part : Arrays.asList(parts).subList(1, parts.length)) {
      String[] pair = part.split("=", 2);
      if (OWN.contains(pair[0])) {
        throw new IllegalArgumentException(
            "'%s': %s (expected: %s, with options of sft-eval other than %s)"
                .formatted(text, pair[0], FORM, String.join(" and ", OWN)));
      }
      boolean beside = pair[0].equals("shotsData");
      given.put(pair[0], beside ? file.resolveSibling(pair[1]).toString() : pair[1]);
    }
    try {
      return new Benchmark(name(file), OptionsBinder.bind(given, SftEvalOptions.class));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'%s': %s; the form is %s".formatted(text, e.getMessage(), FORM), e);
    }
  }

  private static String name(Path file) {
    int parts = file.getNameCount();
    return file.subpath(Math.max(0, parts - 2), parts).toString();
  }
}
