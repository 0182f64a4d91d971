package dev.troupe.cluster.protocol;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.troupe.core.BlobRef;
import java.util.List;
import java.util.Map;

/**
 * What a worker tells a job's entity. Each may arrive twice; entities know by key, attempt and
 * generation.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "t")
@JsonSubTypes({
  @JsonSubTypes.Type(value = ToJob.DriverStarted.class, name = "dstart"),
  @JsonSubTypes.Type(value = ToJob.SubmitTasks.class, name = "submit"),
  @JsonSubTypes.Type(value = ToJob.SubmitGang.class, name = "gang"),
  @JsonSubTypes.Type(value = ToJob.DriverEnded.class, name = "dend"),
  @JsonSubTypes.Type(value = ToJob.TasksEnded.class, name = "tend"),
  @JsonSubTypes.Type(value = ToJob.TasksReturned.class, name = "tret"),
  @JsonSubTypes.Type(value = ToJob.MemberStarted.class, name = "mstart"),
  @JsonSubTypes.Type(value = ToJob.MemberEnded.class, name = "mend"),
  @JsonSubTypes.Type(value = ToJob.CheckpointWritten.class, name = "ckpt"),
  @JsonSubTypes.Type(value = ToJob.ArtifactWritten.class, name = "art"),
  @JsonSubTypes.Type(value = ToJob.LogLines.class, name = "log"),
  @JsonSubTypes.Type(value = ToJob.Progressed.class, name = "prog"),
})
public sealed interface ToJob extends CborMessage {

  /** The driver's code runs. */
  record DriverStarted(String leaseId, int attempt) implements ToJob {}

  /**
   * The driver submits tasks. What is known under a key is answered at once with {@link
   * FromCoordinator.Outcomes}.
   *
   * @param begunUnder the lease under which the driver's own worker runs the task already; null if
   *     it does not
   */
  record SubmitTasks(int attempt, List<TaskSpec> tasks, String begunUnder) implements ToJob {

    /** Of tasks that nobody runs yet. */
    public SubmitTasks(int attempt, List<TaskSpec> tasks) {
      this(attempt, tasks, null);
    }
  }

  /**
   * A task to run.
   *
   * @param className a record that implements {@link dev.troupe.core.Task}
   * @param inputHash SHA-256 of class name and input: a driver that submits another input under a
   *     known key is in error
   */
  record TaskSpec(String key, String className, Payload input, String inputHash) {}

  /** The driver submits a gang; see {@link SubmitTasks}. */
  record SubmitGang(
      int attempt,
      String key,
      String className,
      Payload input,
      String inputHash,
      int minSize,
      int maxSize)
      implements ToJob {}

  /**
   * The driver returned or threw.
   *
   * @param result a JSON object; null if it threw
   * @param error null if it returned
   */
  record DriverEnded(String leaseId, int attempt, Payload result, ErrorInfo error)
      implements ToJob {}

  /** Tasks returned or threw. */
  record TasksEnded(String leaseId, List<TaskEnd> ends) implements ToJob {}

  /**
   * How a task ended.
   *
   * @param result null if it threw
   * @param error null if it returned
   * @param seconds that it ran
   */
  record TaskEnd(String key, int attempt, Payload result, ErrorInfo error, double seconds) {}

  /**
   * Tasks that the worker gives back without having begun them (it drains). They do not count as an
   * attempt.
   */
  record TasksReturned(String leaseId, List<String> keys) implements ToJob {}

  /** A rank runs: its communicator is up. */
  record MemberStarted(String gangKey, long generation, int rank) implements ToJob {}

  /** A rank's {@code run} is over for this generation. */
  record MemberEnded(
      String gangKey, long generation, int rank, String leaseId, MemberOutcome outcome)
      implements ToJob {}

  /**
   * How a rank ended a generation.
   *
   * @param result of rank 0, if {@code RETURNED}
   * @param error if {@code THREW}
   * @param suspect the rank that seems gone or late, if {@code INTERRUPTED}; -1 if none
   * @param reason one line, if {@code INTERRUPTED}
   * @param step steps done when it ended, -1 if unknown
   */
  record MemberOutcome(
      Kind kind, Payload result, ErrorInfo error, int suspect, String reason, long step) {

    /** The ways to end. */
    public enum Kind {
      /** {@code run} returned. */
      RETURNED,
      /** {@code run} threw an error of its own: the gang fails. */
      THREW,
      /** A collective was cut off: a peer is gone or late. The gang re-forms. */
      INTERRUPTED,
      /** It stopped at a step boundary with a checkpoint, as asked. The gang re-forms. */
      PAUSED
    }
  }

  /** Rank 0 has seen all files of a checkpoint durable. Fenced by generation. */
  record CheckpointWritten(
      String gangKey, long generation, long step, BlobRef manifest, long bytes, double seconds)
      implements ToJob {}

  record ArtifactWritten(String name, BlobRef blob) implements ToJob {}

  /**
   * Log lines, in order, with a line feed after each.
   *
   * @param source "driver", a task's key, or "gang-key/rank"
   */
  record LogLines(String source, String text) implements ToJob {}

  /** See {@link dev.troupe.core.Progress}. */
  record Progressed(String source, String phase, long done, long total, Map<String, Double> metrics)
      implements ToJob {}
}
