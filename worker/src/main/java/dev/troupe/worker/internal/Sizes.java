package dev.troupe.worker.internal;

import dev.troupe.cluster.protocol.ErrorInfo;
import dev.troupe.cluster.protocol.Payload;
import dev.troupe.cluster.protocol.ToJob;

/** About how many bytes things add to a message, never much too few. */
final class Sizes {

  private static final int HEADER = 200;

  private Sizes() {}

  static int of(ToJob message) {
    if (message instanceof ToJob.SubmitTasks submit) {
      return HEADER + submit.tasks().stream().mapToInt(Sizes::of).sum();
    } else if (message instanceof ToJob.TasksEnded ended) {
      return HEADER + ended.ends().stream().mapToInt(Sizes::of).sum();
    } else if (message instanceof ToJob.LogLines lines) {
      return HEADER + utf8(lines.text());
    } else if (message instanceof ToJob.DriverEnded ended) {
      return HEADER + of(ended.result()) + of(ended.error());
    } else if (message instanceof ToJob.SubmitGang gang) {
      return HEADER + of(gang.input());
    } else if (message instanceof ToJob.MemberEnded ended) {
      return HEADER + of(ended.outcome().result()) + of(ended.outcome().error());
    } else if (message instanceof ToJob.TasksReturned returned) {
      return HEADER + returned.keys().stream().mapToInt(Sizes::utf8).sum();
    }
    return HEADER;
  }

  static int of(ToJob.TaskSpec spec) {
    return 120 + utf8(spec.key()) + utf8(spec.className()) + of(spec.input());
  }

  static int of(ToJob.TaskEnd end) {
    return 60 + utf8(end.key()) + of(end.result()) + of(end.error());
  }

  static int of(Payload payload) {
    return payload == null ? 1 : payload.json() == null ? 100 : 10 + utf8(payload.json());
  }

  static int of(ErrorInfo error) {
    return error == null ? 1 : 20 + utf8(error.message()) + utf8(error.stack());
  }

  /** Bytes of {@code text} in UTF-8. */
  static int utf8(String text) {
    int bytes = text.length();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      bytes += c < 0x80 ? 0 : c < 0x800 || Character.isSurrogate(c) ? 1 : 2;
    }
    return bytes;
  }
}
