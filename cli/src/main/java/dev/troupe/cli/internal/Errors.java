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
  public static int exitCode(StatusRuntimeException error) {
    if (isNoCoordinator(error.getStatus())) {
      return ExitCode.UNREACHABLE;
    }
    return switch (error.getStatus().getCode()) {
      case OK -> ExitCode.DONE;
      case INVALID_ARGUMENT, ALREADY_EXISTS, OUT_OF_RANGE -> ExitCode.INVALID;
      case NOT_FOUND -> ExitCode.NOT_FOUND;
      case UNAVAILABLE, DEADLINE_EXCEEDED -> ExitCode.UNREACHABLE;
      case PERMISSION_DENIED, UNAUTHENTICATED -> ExitCode.NOT_PERMITTED;
      default -> ExitCode.FAILED;
    };
  }

  /** What to print: one line, or for an invalid job one line a field. */
  public static String message(StatusRuntimeException error, String address) {
    List<String> violations = violations(error);
    if (violations.size() == 1) {
      return violations.get(0);
    } else if (!violations.isEmpty()) {
      return "the job is not valid:\n  " + String.join("\n  ", violations);
    }
    Status status = error.getStatus();
    if (isNoCoordinator(status)) {
      return "what listens at "
          + address
          + " is no coordinator of this version of Troupe; name one with --address HOST:PORT";
    }
    String text = status.getDescription() == null ? "" : status.getDescription();
    return switch (status.getCode()) {
      case UNAVAILABLE -> unreachable(status, address);
      case DEADLINE_EXCEEDED ->
          "the cluster at "
              + address
              + " did not answer in time; try again, or wait longer with --timeout";
      case UNAUTHENTICATED ->
          orElse(text, "the cluster wants a token; give it with --token-file FILE");
      case PERMISSION_DENIED -> orElse(text, "not permitted");
      default -> orElse(text, "the call failed: " + status.getCode());
    };
  }

  /** {@code field: message} for each field of an invalid request. */
  public static List<String> violations(StatusRuntimeException error) {
    List<String> lines = new ArrayList<>();
    BadRequest request = detail(error, BadRequest.class, BadRequest.getDefaultInstance());
    for (BadRequest.FieldViolation violation : request.getFieldViolationsList()) {
      String field = violation.getField().equals("job_id") ? "job id" : violation.getField();
      lines.add(field + ": " + violation.getDescription());
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

  /**
   * Answers that a coordinator never gives: another kind of server is there, or another version.
   */
  private static boolean isNoCoordinator(Status status) {
    String text = status.getDescription() == null ? "" : status.getDescription();
    return switch (status.getCode()) {
      case UNIMPLEMENTED -> true;
      case INTERNAL, UNKNOWN -> status.getCause() != null || text.startsWith("HTTP status code");
      default -> false;
    };
  }

  private static String unreachable(Status status, String address) {
    String why = why(status);
    return "cannot reach a coordinator at "
        + address
        + (why.isEmpty() ? "" : " (" + why + ")")
        + "; "
        + next(why);
  }

  private static String why(Status status) {
    Throwable cause = status.getCause();
    while (cause != null && cause.getCause() != null) {
      cause = cause.getCause();
    }
    String why = cause == null ? null : cause.getMessage();
    return why != null ? why : status.getDescription() == null ? "" : status.getDescription();
  }

  /** What to do about it, as far as the words of gRPC and the JDK's TLS tell. */
  private static String next(String why) {
    if (why.contains("certification path")) {
      return "its certificate is none that --tls-trust vouches for";
    } else if (why.contains("SSL message")) {
      return "there is no TLS there: leave out --tls-trust";
    } else if (why.contains("End of stream")) {
      return "if it wants TLS, give --tls-trust FILE";
    }
    return "start a cluster here with 'troupe up', or name one with --address HOST:PORT";
  }

  private static String orElse(String text, String other) {
    return text.isEmpty() ? other : text;
  }
}
