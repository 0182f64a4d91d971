package dev.troupe.sft.internal;

import dev.troupe.core.BlobRef;
import dev.troupe.core.Task;
import dev.troupe.core.TaskContext;
import dev.troupe.lm.CausalLm;
import dev.troupe.lm.ModelHub;
import dev.troupe.lm.ModelSource;
import dev.troupe.tensor.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Writes a model whose weights are in the store as a Hugging Face folder and as artifacts. The
 * result is the SHA-256 of its weights.
 *
 * @param model gives all but the weights; with its commit, if it is one of the hub
 * @param weights flat parameters, fp32; the model's own if empty
 * @param out the folder; in the artifacts alone if empty
 */
public record ExportModel(String model, Optional<BlobRef> weights, Optional<String> out)
    implements Task<String> {

  @Override
  public String run(TaskContext task) throws Exception {
    Engine.start(1);
    Path source =
        ModelHub.ofEnvironment().fetch(ModelSource.parse(model), ModelFetch.listener(task));
    try (CausalLm lm = CausalLm.load(source)) {
      weights.ifPresent(blob -> lm.parameters().put(task.store().get(blob)));
      Path folder = out.map(Path::of).orElseGet(task::scratch);
      lm.save(folder, source);
      for (Path file : files(folder)) {
        task.artifact(file.getFileName().toString(), file);
      }
      return lm.weightsSha256();
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(Files::isRegularFile).sorted(Comparator.naturalOrder()).toList();
    }
  }
}
