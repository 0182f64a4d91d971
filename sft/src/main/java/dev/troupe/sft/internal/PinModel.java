package dev.troupe.sft.internal;

import dev.troupe.core.JobContext;
import dev.troupe.core.Task;
import dev.troupe.core.TaskContext;
import dev.troupe.lm.ModelHub;
import dev.troupe.lm.ModelSource;

/**
 * Asks the hub which commit a model's revision is. A job asks once, and the journal keeps the
 * answer: all ranks, whenever they start, mean the same weights.
 *
 * @param model as the user wrote it
 */
public record PinModel(String model) implements Task<String> {

  /** The model, with its commit if it is one of the hub. */
  public static String of(JobContext job, String model) throws InterruptedException {
    return ModelSource.parse(model) instanceof ModelSource.Hub hub && !hub.pinned()
        ? job.submit("model", new PinModel(model)).get()
        : model;
  }

  @Override
  public String run(TaskContext task) throws InterruptedException {
    ModelSource pinned =
        ModelHub.ofEnvironment().pin(ModelSource.parse(model), ModelFetch.listener(task));
    task.log().info("model {} is {}", model, pinned);
    return pinned.toString();
  }
}
