package dev.troupe.worker.internal;

import dev.troupe.cluster.protocol.ErrorInfo;
import dev.troupe.cluster.protocol.Limits;
import dev.troupe.cluster.protocol.Payload;
import dev.troupe.core.InputException;
import dev.troupe.core.Store;
import dev.troupe.core.TaskFailedException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Values that are small travel in the message, others by way of the store. */
final class Payloads {

  private static final int MAX_MESSAGE_CHARS = 2_000;

  private Payloads() {}

  static Payload pack(Store store, String json) {
    if (Sizes.utf8(json) <= Limits.MAX_INLINE_BYTES) {
      return Payload.inline(json);
    }
    return Payload.in(store.put(ByteBuffer.wrap(json.getBytes(StandardCharsets.UTF_8))));
  }

  static String unpack(Store store, Payload payload) {
    return payload.json() != null
        ? payload.json()
        : StandardCharsets.UTF_8.decode(store.get(payload.blob())).toString();
  }

  /** An error of a workload's code. One that came from a task shows the task's stack first. */
  static ErrorInfo error(Throwable error) {
    try {
      return describe(error);
    } catch (OutOfMemoryError e) {
      return new ErrorInfo("out of memory: raise the worker's -Xmx", "");
    }
  }

  private static ErrorInfo describe(Throwable error) {
    ErrorInfo info = ErrorInfo.of(error);
    String message = info.message();
    if (error instanceof Error && error.getMessage() != null) {
      message = error.getClass().getSimpleName() + ": " + message;
    }
    if (message.length() > MAX_MESSAGE_CHARS) {
      message = message.substring(0, MAX_MESSAGE_CHARS) + " ... cut";
    }
    if (error instanceof InputException) {
      return new ErrorInfo(message, "");
    }
    if (error instanceof TaskFailedException failed) {
      if (failed.remoteStack().isEmpty()) {
        return new ErrorInfo(message, ""); // where the driver waited for it explains nothing
      }
      String stack = failed.remoteStack() + "\nseen by the driver as\n" + info.stack();
      return new ErrorInfo(
          message, stack.substring(0, Math.min(stack.length(), Limits.MAX_STACK_CHARS)));
    }
    return new ErrorInfo(message, info.stack());
  }
}
