package dev.troupe.cli.internal;

import dev.troupe.proto.v1.Metric;
import dev.troupe.proto.v1.Progress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;

/**
 * One phase of a job as a line: its bar, its figures, and the time that is left at the recent pace.
 */
public final class PhaseLine {

  /** The pace is taken over so much of the past. */
  private static final long WINDOW_NANOS = Duration.ofSeconds(30).toNanos();

  /** No guess before so much has been seen. */
  private static final long LEAST_NANOS = Duration.ofMillis(500).toNanos();

  private static final int MAX_SAMPLES = 256;
  private static final int BAR_WIDTH = 20;
  private static final int PHASE_WIDTH = 15;

  /** A job's own guess of its end, see {@code dev.troupe.core.Progress}. */
  private static final String SECONDS_LEFT = "secondsLeft";

  private record Sample(long nanos, long done) {}

  private final String phase;
  private final long startedNanos;
  private final Deque<Sample> samples = new ArrayDeque<>();
  private Progress latest;

  /** Begins at {@code nanos} of {@link System#nanoTime}. */
  public PhaseLine(String phase, long nanos) {
    this.phase = phase;
    this.startedNanos = nanos;
    this.latest = Progress.getDefaultInstance();
  }

  public String phase() {
    return phase;
  }

  public void update(Progress progress, long nanos) {
    if (!samples.isEmpty() && progress.getDone() < samples.getLast().done()) {
      samples.clear(); // The work has gone back to a checkpoint.
    }
    latest = progress;
    samples.addLast(new Sample(nanos, progress.getDone()));
    while (samples.size() > MAX_SAMPLES
        || (samples.size() > 2 && nanos - samples.getFirst().nanos() > WINDOW_NANOS)) {
      samples.removeFirst();
    }
  }

  /**
   * The line while the phase goes on; figures that do not fit into {@code columns} are left out.
   */
  public String running(boolean bar, int columns, Style style) {
    String bars =
        bar && latest.getTotal() > 0 ? bar(latest.getDone(), latest.getTotal(), style) + " " : "";
    return line(bars + count(), end(), columns, style);
  }

  /** The line that stays when the phase is over, at {@code nanos}. */
  public String over(long nanos, int columns, Style style) {
    String time = "in " + Format.duration(Duration.ofNanos(nanos - startedNanos));
    return line(count(), time, columns, style);
  }

  /** When the job will end, if it says so itself; else what is left of the phase. */
  private String end() {
    for (Metric metric : latest.getMetricsList()) {
      if (metric.getName().equals(SECONDS_LEFT)) {
        long millis = Math.round(1000 * metric.getValue());
        return "ends in " + Format.duration(Duration.ofMillis(millis));
      }
    }
    Duration left = left();
    return left == null ? "" : Format.duration(left) + " left";
  }

  private String count() {
    if (latest.getTotal() > 0) {
      return latest.getDone() + "/" + latest.getTotal();
    }
    return latest.getDone() > 0 ? Long.toString(latest.getDone()) : "";
  }

  private String line(String count, String time, int columns, Style style) {
    String padded = String.format(Locale.ROOT, "%-" + PHASE_WIDTH + "s", phase);
    StringBuilder line = new StringBuilder(style.bold(padded));
    List<String> parts = new ArrayList<>(List.of(count, time));
    parts.addAll(figures(latest.getMetricsList()));
    int width = PHASE_WIDTH;
    for (String part : parts) {
      int wider = part.isEmpty() ? 0 : 2 + Style.width(part);
      if (width + wider >= columns) {
        break;
      }
      width += wider;
      line.append(part.isEmpty() ? "" : "  ").append(part);
    }
    return line.toString();
  }

  /** Null if it cannot be known yet. */
  Duration left() {
    if (latest.getTotal() <= 0 || latest.getDone() >= latest.getTotal() || samples.size() < 2) {
      return null;
    }
    long nanos = samples.getLast().nanos() - samples.getFirst().nanos();
    long done = samples.getLast().done() - samples.getFirst().done();
    if (done <= 0 || nanos < LEAST_NANOS) {
      return null;
    }
    double perUnit = (double) nanos / done;
    return Duration.ofNanos((long) (perUnit * (latest.getTotal() - latest.getDone())));
  }

  /** {@code loss 1.234}, {@code 12,345 tokens/s}, {@code all reduce share 12%}. */
  static List<String> figures(List<Metric> metrics) {
    List<String> figures = new ArrayList<>();
    for (Metric metric : metrics) {
      String name = words(metric.getName());
      if (metric.getName().equals(SECONDS_LEFT)) {
        continue;
      }
      if (name.endsWith(" per second")) {
        String unit = name.substring(0, name.length() - " per second".length());
        figures.add(String.format(Locale.ROOT, "%,.0f %s/s", metric.getValue(), unit));
      } else if (name.endsWith(" share")) {
        figures.add(String.format(Locale.ROOT, "%s %.0f%%", name, 100 * metric.getValue()));
      } else {
        figures.add(name + " " + Format.number(metric.getValue()));
      }
    }
    return figures;
  }

  /** {@code learningRate} as people write it. */
  private static String words(String camelCase) {
    return camelCase.replaceAll("(?<=[a-z0-9])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
  }

  static String bar(long done, long total, Style style) {
    int full = (int) Math.max(0, Math.min(BAR_WIDTH, BAR_WIDTH * done / total));
    return style.green("━".repeat(full)) + style.dim("─".repeat(BAR_WIDTH - full));
  }
}
