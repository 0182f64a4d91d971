package dev.troupe.cli.internal;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.ArrayList;
import java.util.List;

/** Says in the user's terms what a call's status means, and with which code the command ends. */
public final class Errors {

  private Errors() {}

  /** The exit code of a failed call. */
  public static int exitCode(Status.Code code) {
    return switch (code) {
      case OK -> ExitCode.DONE;
      case INVALID_ARGUMENT, ALREADY_EXISTS, OUT_OF_RANGE -> ExitCode.INVALID;
      case NOT_FOUND -> ExitCode.NOT_FOUND;
      case UNAVAILABLE, DEADLINE_EXCEEDED -> ExitCode.UNREACHABLE;
      case PERMISSION_DENIED, UNAUTHENTICATED -> ExitCode.NOT_PERMITTED;
      default -> ExitCode.FAILED;
    };
  }

  /** What to print: one line, or for an invalid job one line a field. */
  public static List<String> messages(StatusRuntimeException error, String address) {
    List<String> violations = violations(error);
    if (!violations.isEmpty()) {
      return violations;
    }
    Status status = error.getStatus();
    String text = status.getDescription() == null ? "" : status.getDescription();
    return switch (status.getCode()) {
      case UNAVAILABLE -> List.of(unreachable(status, address));
      case DEADLINE_EXCEEDED ->
          List.of(
              "the cluster at "
                  + address
                  + " did not answer in time; try again, or wait longer with --timeout");
      case UNAUTHENTICATED ->
          List.of(orElse(text, "the cluster wants a token") + " (give it with --token-file FILE)");
      case PERMISSION_DENIED -> List.of(orElse(text, "not permitted"));
      default -> List.of(orElse(text, "the call failed: " + status.getCode()));
    };
  }

  /** {@code field: message} for each field of an invalid request. */
  public static List<String> violations(StatusRuntimeException error) {
    List<String> lines = new ArrayList<>();
    BadRequest request = detail(error, BadRequest.class, BadRequest.getDefaultInstance());
    for (BadRequest.FieldViolation violation : request.getFieldViolationsList()) {
      lines.add(violation.getField() + ": " + violation.getDescription());
    }
    return lines;
  }

  /** The reason in the error's {@code google.rpc.ErrorInfo}, "" if it has none. */
  public static String reason(StatusRuntimeException error) {
    return detail(error, ErrorInfo.class, ErrorInfo.getDefaultInstance()).getReason();
  }

  private static <M extends com.google.protobuf.Message> M detail(
      StatusRuntimeException error, Class<M> type, M none) {
    com.google.rpc.Status status = StatusProto.fromThrowable(error);
    if (status == null) {
      return none;
    }
    for (Any any : status.getDetailsList()) {
      if (any.is(type)) {
        try {
          return any.unpack(type);
        } catch (InvalidProtocolBufferException e) {
          // The status itself still says what happened.
          return none;
        }
      }
    }
    return none;
  }

  private static String unreachable(Status status, String address) {
    Throwable cause = status.getCause();
    while (cause != null && cause.getCause() != null) {
      cause = cause.getCause();
    }
    String why = "";
    if (cause != null && cause.getMessage() != null) {
      why = " (" + cause.getMessage() + ")";
    } else if (status.getDescription() != null) {
      why = " (" + status.getDescription() + ")";
    }
    return "cannot reach a coordinator at "
        + address
        + why
        + "; start a cluster here with 'troupe up', or name one with --address HOST:PORT";
  }

  private static String orElse(String text, String other) {
    return text.isEmpty() ? other : text;
  }
}
