package dev.troupe.cli.internal;

import com.google.protobuf.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Figures as people read them. */
public final class Format {

  private static final DateTimeFormatter LOCAL = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");
  private static final String[] BYTE_UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

  private Format() {}

  /**
   * Two units at the most: {@code 0.4s}, {@code 12s}, {@code 3m05s}, {@code 2h10m}, {@code 4d03h}.
   */
  public static String duration(Duration duration) {
    long millis = Math.max(0, duration.toMillis());
    long seconds = millis / 1000;
    if (seconds < 10) {
      return String.format(Locale.ROOT, "%.1fs", millis / 1000.0);
    } else if (seconds < 60) {
      return seconds + "s";
    } else if (seconds < 3600) {
      return String.format(Locale.ROOT, "%dm%02ds", seconds / 60, seconds % 60);
    } else if (seconds < 86_400) {
      return String.format(Locale.ROOT, "%dh%02dm", seconds / 3600, seconds / 60 % 60);
    }
    return String.format(Locale.ROOT, "%dd%02dh", seconds / 86_400, seconds / 3600 % 24);
  }

  /** {@code 512 B}, {@code 1.5 MiB}. */
  public static String bytes(long bytes) {
    if (bytes < 1024) {
      return bytes + " B";
    }
    double value = bytes;
    int unit = 0;
    while (value >= 1023.95 && unit < BYTE_UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %s", value, BYTE_UNITS[unit]);
  }

  /**
   * Four digits that count; whole numbers whole, thousands apart: {@code 12,345}, {@code 0.01234}.
   */
  public static String number(double value) {
    double size = Math.abs(value);
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return Double.toString(value);
    } else if (value == Math.rint(value) && size < 1e15) {
      return String.format(Locale.ROOT, "%,d", (long) value);
    } else if (size >= 1000) {
      return String.format(Locale.ROOT, "%,.0f", value);
    } else if (size < 1e-3) {
      return String.format(Locale.ROOT, "%.3e", value);
    }
    int digits = size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 4;
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  /** {@code 2026-01-31 12:00:00} in {@code zone}; "" if the field is not set. */
  public static String time(Timestamp time, boolean set, ZoneId zone) {
    return set ? LOCAL.format(instant(time).atZone(zone)) : "";
  }

  /** How long ago, as a table shows it: whole units. */
  public static String age(Timestamp since, Instant now) {
    Duration age = Duration.between(instant(since), now);
    long seconds = Math.max(0, age.toSeconds());
    return seconds < 60 ? seconds + "s" : duration(Duration.ofSeconds(seconds));
  }

  public static Instant instant(Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }

  /** {@code text} cut to {@code width} columns, with an ellipsis if something is missing. */
  public static String cut(String text, int width) {
    String line = text.lines().findFirst().orElse("");
    if (line.length() <= width) {
      return line;
    }
    return width <= 1 ? line.substring(0, Math.max(0, width)) : line.substring(0, width - 1) + "…";
  }
}
