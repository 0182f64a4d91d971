package dev.troupe.coordinator.internal;

import dev.troupe.core.options.Violation;
import io.grpc.Status;
import java.util.List;

/** A request that cannot be served, in the words that the client reads. */
public final class Refusal extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final Status.Code code;
  private final String reason;
  private final transient List<Violation> violations;

  /**
   * @param code the gRPC status
   * @param reason for programs, as in {@code JOB_NOT_FOUND}
   * @param message for people: what is wrong and what to do next
   */
  public Refusal(Status.Code code, String reason, String message) {
    this(code, reason, message, List.of());
  }

  public Refusal(Status.Code code, String reason, String message, List<Violation> violations) {
    super(message, null, false, false);
    this.code = code;
    this.reason = reason;
    this.violations = List.copyOf(violations);
  }

  /** A job whose spec is wrong, field by field. */
  public static Refusal invalidJob(List<Violation> violations) {
    String message = violations.isEmpty() ? "invalid job" : violations.get(0).toString();
    return new Refusal(Status.Code.INVALID_ARGUMENT, "INVALID_JOB", message, violations);
  }

  public static Refusal jobNotFound(String jobId) {
    return new Refusal(
        Status.Code.NOT_FOUND,
        "JOB_NOT_FOUND",
        "no job '" + jobId + "'; see `troupe jobs` for those that there are");
  }

  public Status.Code code() {
    return code;
  }

  public String reason() {
    return reason;
  }

  public List<Violation> violations() {
    return violations;
  }
}
