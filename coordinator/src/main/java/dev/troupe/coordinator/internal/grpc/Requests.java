package dev.troupe.coordinator.internal.grpc;

import dev.troupe.coordinator.internal.Refusal;
import dev.troupe.core.options.Violation;
import java.util.List;
import java.util.regex.Pattern;

/** Checks what every request has in common. */
final class Requests {

  static final int DEFAULT_PAGE = 100;
  static final int MAX_PAGE = 1000;

  private static final Pattern JOB_ID = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

  private Requests() {}

  static int pageSize(int asked) {
    if (asked < 0 || asked > MAX_PAGE) {
      throw Refusal.invalidJob(
          List.of(new Violation("page_size", asked + " (expected: 0 to " + MAX_PAGE + ")")));
    }
    return asked == 0 ? DEFAULT_PAGE : asked;
  }

  static String jobId(String id) {
    if (!JOB_ID.matcher(id).matches()) {
      throw Refusal.invalidJob(
          List.of(
              new Violation(
                  "job_id",
                  "'"
                      + id
                      + "' (expected: 1 to 63 lower-case letters, digits and dashes, no dash at an"
                      + " end)")));
    }
    return id;
  }
}
