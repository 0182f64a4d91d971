package dev.troupe.cli.internal;

import com.google.protobuf.Timestamp;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Figures as people read them. */
public final class Format {

  private static final DateTimeFormatter LOCAL = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");
  private static final int SHORT_CHARS = 200;
  private static final int SHORT_DIGITS = 7;
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

  /** All digits, without an exponent where that is short: {@code 0.5}, {@code 2e-5}. */
  public static String exact(double value) {
    if (!Double.isFinite(value)) {
      return Double.toString(value);
    }
    return digits(new BigDecimal(Double.toString(value)));
  }

  private static String digits(BigDecimal value) {
    BigDecimal plain = value.stripTrailingZeros();
    int exponent = plain.precision() - plain.scale() - 1; // of the first digit
    if (plain.signum() == 0) {
      return "0";
    } else if (exponent >= -3 && exponent < 15) {
      return plain.toPlainString();
    }
    return plain.scaleByPowerOfTen(-exponent).toPlainString() + "e" + exponent;
  }

  /**
   * An option or a figure of a result. In short, seven digits that count (what an fp32 figure has)
   * and at most 200 characters; else all of it.
   */
  public static String value(Object value, boolean all) {
    if (value instanceof Map || value instanceof List) {
      return all ? Json.compact(value) : cut(Json.compact(value), SHORT_CHARS);
    } else if (value instanceof Double number && Double.isFinite(number)) {
      return all
          ? exact(number)
          : digits(new BigDecimal(number).round(new MathContext(SHORT_DIGITS)));
    }
    return all ? String.valueOf(value) : cut(String.valueOf(value), SHORT_CHARS);
  }

  /** What went wrong with a file; the JDK often names the file alone. */
  public static String problem(IOException error) {
    if (error instanceof NoSuchFileException missing) {
      return missing.getFile() + " does not exist";
    } else if (error instanceof AccessDeniedException denied) {
      return denied.getFile() + ": permission denied";
    } else if (error instanceof FileAlreadyExistsException there) {
      return there.getFile() + " is no folder";
    }
    return error.getMessage() == null ? error.toString() : error.getMessage();
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
