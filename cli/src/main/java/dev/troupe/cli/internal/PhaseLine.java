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

  /** The line while the phase goes on. */
  public String running(boolean bar, Style style) {
    StringBuilder line = head(style);
    if (latest.getTotal() > 0) {
      if (bar) {
        line.append(bar(latest.getDone(), latest.getTotal(), style)).append(' ');
      }
      line.append(latest.getDone()).append('/').append(latest.getTotal());
    } else if (latest.getDone() > 0) {
      line.append(latest.getDone());
    }
    appendMetrics(line);
    Duration left = left();
    if (left != null) {
      line.append("  ").append(Format.duration(left)).append(" left");
    }
    return line.toString();
  }

  /** The line that stays when the phase is over, at {@code nanos}. */
  public String over(long nanos, Style style) {
    StringBuilder line = head(style);
    if (latest.getTotal() > 0) {
      line.append(latest.getDone()).append('/').append(latest.getTotal());
    } else if (latest.getDone() > 0) {
      line.append(latest.getDone());
    }
    appendMetrics(line);
    line.append("  in ").append(Format.duration(Duration.ofNanos(nanos - startedNanos)));
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

  private StringBuilder head(Style style) {
    String padded = String.format(Locale.ROOT, "%-" + PHASE_WIDTH + "s", phase);
    return new StringBuilder(style.bold(padded)).append("  ");
  }

  private void appendMetrics(StringBuilder line) {
    for (String figure : figures(latest.getMetricsList())) {
      line.append("  ").append(figure);
    }
  }

  /** {@code loss 1.234}, {@code 12,345 tokens/s}, {@code allReduceShare 12%}. */
  static List<String> figures(List<Metric> metrics) {
    List<String> figures = new ArrayList<>();
    for (Metric metric : metrics) {
      String name = metric.getName();
      if (name.endsWith("PerSecond")) {
        String unit = name.substring(0, name.length() - "PerSecond".length());
        figures.add(String.format(Locale.ROOT, "%,.0f %s/s", metric.getValue(), unit));
      } else if (name.endsWith("Share")) {
        figures.add(String.format(Locale.ROOT, "%s %.0f%%", name, 100 * metric.getValue()));
      } else {
        figures.add(name + " " + Format.number(metric.getValue()));
      }
    }
    return figures;
  }

  static String bar(long done, long total, Style style) {
    int full = (int) Math.max(0, Math.min(BAR_WIDTH, BAR_WIDTH * done / total));
    return style.green("━".repeat(full)) + style.dim("─".repeat(BAR_WIDTH - full));
  }
}
