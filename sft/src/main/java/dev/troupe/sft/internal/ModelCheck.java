package dev.troupe.sft.internal;

import dev.troupe.lm.CausalLm;
import dev.troupe.lm.HubException;
import dev.troupe.lm.ModelHub;
import dev.troupe.lm.ModelSource;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What can be said of a model before a job runs. */
public final class ModelCheck {

  /** A hub that is slower than this is left to the run; a check has 4 s in all. */
  static final Duration HUB_LIMIT = Duration.ofSeconds(3);

  /**
   * What was found.
   *
   * @param folder of a model that is here and whole
   * @param problem what is wrong with it
   */
  public record Checked(Optional<Path> folder, Optional<String> problem) {}

  private ModelCheck() {}

  /** Looks at a folder's files and headers, or asks the hub. */
  public static Checked check(String model) {
    try {
      ModelSource source = ModelSource.parse(model);
      Optional<Path> folder;
      if (source instanceof ModelSource.Hub hub) {
        folder = ModelHub.ofEnvironment().present(hub);
        if (folder.isEmpty()) {
          ModelHub.ofEnvironment().preview(hub, HUB_LIMIT);
        }
      } else {
        folder = Optional.of(((ModelSource.Folder) source).path());
      }
      if (folder.isPresent()) {
        String lacking = lacking(folder.get());
        if (!lacking.isEmpty()) {
          return new Checked(Optional.empty(), Optional.of(lacking(folder.get(), lacking)));
        }
        CausalLm.check(folder.get());
      }
      return new Checked(folder, Optional.empty());
    } catch (IllegalArgumentException | UncheckedIOException | HubException e) {
      return new Checked(Optional.empty(), Optional.of(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // nobody waits for an answer any longer
      return new Checked(Optional.empty(), Optional.empty());
    }
  }

  static String lacking(Path folder, String files) {
    return "%s: no %s (expected: a local Hugging Face folder with config.json, model.safetensors or its shards, and tokenizer.json; or hf:ORG/NAME)"
        .formatted(folder, files);
  }

  /** Returns the files that a model's folder lacks, "" if none. */
  static String lacking(Path folder) {
    if (!Files.isDirectory(folder)) {
      return "such folder";
    }
    List<String> lacking = new ArrayList<>();
    boolean shards = Files.exists(folder.resolve("model.safetensors.index.json"));
    for (String file : List.of("config.json", "model.safetensors", "tokenizer.json")) {
      if (!Files.exists(folder.resolve(file)) && !(shards && file.equals("model.safetensors"))) {
        lacking.add(file);
      }
    }
    return String.join(", ", lacking);
  }
}
