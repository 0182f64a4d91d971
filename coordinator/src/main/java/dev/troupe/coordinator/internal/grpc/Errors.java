package dev.troupe.coordinator.internal.grpc;

import com.google.protobuf.Any;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import dev.troupe.coordinator.internal.Refusal;
import dev.troupe.core.options.Violation;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns what goes wrong into a status with an {@code ErrorInfo} and, for bad input, the fields. */
final class Errors {

  static final String DOMAIN = "troupe.dev";

  private static final Logger LOG = LoggerFactory.getLogger(Errors.class);

  private Errors() {}

  static StatusRuntimeException toStatus(Throwable error) {
    Throwable cause = unwrap(error);
    if (cause instanceof Refusal refusal) {
      return status(refusal);
    }
    if (cause instanceof TimeoutException) {
      return status(
          new Refusal(
              Status.Code.UNAVAILABLE,
              "CONTROL_PLANE_BUSY",
              "the control plane did not answer in time; try again"));
    }
    LOG.error("a request failed inside the coordinator", cause);
    return status(
        new Refusal(
            Status.Code.INTERNAL,
            "INTERNAL",
            "internal error: " + cause + "; the coordinator's log has its stack"));
  }

  private static StatusRuntimeException status(Refusal refusal) {
    com.google.rpc.Status.Builder status =
        com.google.rpc.Status.newBuilder()
            .setCode(refusal.code().value())
            .setMessage(refusal.getMessage())
            .addDetails(
                Any.pack(
                    ErrorInfo.newBuilder().setDomain(DOMAIN).setReason(refusal.reason()).build()));
    if (!refusal.violations().isEmpty()) {
      BadRequest.Builder fields = BadRequest.newBuilder();
      for (Violation violation : refusal.violations()) {
        fields
            .addFieldViolationsBuilder()
            .setField(violation.field())
            .setDescription(violation.description());
      }
      status.addDetails(Any.pack(fields.build()));
    }
    return StatusProto.toStatusRuntimeException(status.build());
  }

  private static Throwable unwrap(Throwable error) {
    Throwable cause = error;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}
