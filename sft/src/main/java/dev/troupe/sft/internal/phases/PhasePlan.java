package dev.troupe.sft.internal.phases;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.core.Json;
import dev.troupe.core.options.OptionsBinder;
import dev.troupe.core.options.OptionsSchema;
import dev.troupe.sft.SftOptions;
import dev.troupe.sft.SftPhasedOptions;
import dev.troupe.sft.internal.DataFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The phases that a user wrote, as options of sft.
 *
 * @param files of this phase alone
 * @param options of its training, with what is replayed of earlier phases
 */
record PhasePlan(List<String> files, SftOptions options) {

  private static final Set<String> NAMES =
      new TreeSet<>(List.of("learningRate", "batch", "epochs", "replay"));

  /**
   * Reads them.
   *
   * @throws IllegalArgumentException if one does not parse; the message begins with {@code phases:}
   */
  static List<PhasePlan> of(SftPhasedOptions phased) {
    List<PhasePlan> plans = new ArrayList<>();
    List<String> earlier = new ArrayList<>();
    for (String text : phased.phases()) {
      String[] parts = text.split("@", -1);
      List<String> files = files(parts[0], text);
      Map<String, String> own = new LinkedHashMap<>();
      for (String part : Arrays.asList(parts).subList(1, parts.length)) {
        String[] pair = part.split("=", 2);
        if (pair.length != 2 || !NAMES.contains(pair[0])) {
          throw refused(text, "@NAME=VALUE, with NAME one of " + NAMES);
        }
        own.put(pair[0], pair[1]);
      }
      double replay = replay(phased, own.remove("replay"), text);
      List<String> data = new ArrayList<>(files);
      if (replay > 0) {
        earlier.forEach(file -> data.add(DataFile.parse(file).path() + ":" + replay));
      }
      plans.add(new PhasePlan(files, options(phased, data, own, text)));
      earlier.addAll(files);
    }
    return plans;
  }

  /** The first as it is, the others beside it. */
  private static List<String> files(String names, String text) {
    List<String> files = new ArrayList<>();
    for (String name : names.split("\\+", -1)) {
      if (name.isBlank()) {
        throw refused(text, "FILE[+FILE...][@NAME=VALUE...]");
      }
      files.add(files.isEmpty() ? name : Path.of(files.get(0)).resolveSibling(name).toString());
    }
    return files;
  }

  private static double replay(SftPhasedOptions phased, String own, String text) {
    if (own == null) {
      return phased.replay();
    }
    if (!own.matches("0?\\.\\d+|[01](\\.0*)?")) {
      throw refused(text, "replay from 0 to 1");
    }
    return Double.parseDouble(own);
  }

  private static SftOptions options(
      SftPhasedOptions phased, List<String> data, Map<String, String> own, String text) {
    ObjectNode given = Json.mapper().createObjectNode();
    given.put("model", phased.model());
    given.set("data", texts(data));
    given.set("evalData", texts(phased.evalData()));
    given.put("epochs", phased.epochs());
    phased.recipe().ifPresent(recipe -> given.put("recipe", OptionsSchema.enumText(recipe)));
    phased.batch().ifPresent(batch -> given.put("batch", batch));
    phased.learningRate().ifPresent(rate -> given.put("learningRate", rate));
    phased.schedule().ifPresent(decay -> given.put("schedule", OptionsSchema.enumText(decay)));
    phased.warmup().ifPresent(warmup -> given.put("warmup", warmup));
    given.put("microBatches", phased.microBatches());
    given.put("weightDecay", phased.weightDecay());
    given.put("clip", phased.clip());
    given.put("seed", phased.seed());
    phased.maxLength().ifPresent(most -> given.put("maxLength", most));
    given.put("tooLong", OptionsSchema.enumText(phased.tooLong()));
    given.put("threads", phased.threads());
    phased.workers().ifPresent(workers -> given.put("workers", workers));
    given.put("checkpointEvery", phased.checkpointEvery());
    own.forEach(given::put);
    try {
      return OptionsBinder.bind(given, SftOptions.class);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("phases: '%s': %s".formatted(text, e.getMessage()), e);
    }
  }

  private static ArrayNode texts(List<String> values) {
    ArrayNode array = Json.mapper().createArrayNode();
    values.forEach(array::add);
    return array;
  }

  private static IllegalArgumentException refused(String text, String expected) {
    return new IllegalArgumentException("phases: '%s' (expected: %s)".formatted(text, expected));
  }
}
