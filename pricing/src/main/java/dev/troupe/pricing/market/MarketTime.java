package dev.troupe.pricing.market;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * Times of a market as seconds of its local clock since the beginning of 1970. A day without a time
 * means its close, 16:00.
 */
public final class MarketTime {

  public static final long SECONDS_A_DAY = 86_400;

  private static final LocalTime CLOSE = LocalTime.of(16, 0);
  private static final double SECONDS_A_YEAR = 365.0 * SECONDS_A_DAY;
  private static final DateTimeFormatter TEXT = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");
  private static final int DAY = "2006-01-30".length();
  private static final int MINUTES = "2006-01-30 16:00".length();

  private MarketTime() {}

  /**
   * Reads {@code 2006-01-30}, {@code 2006-01-30 16:00} or {@code 2006-01-30T16:00:00}; parts of a
   * second are left out.
   *
   * @throws IllegalArgumentException if it is none of these
   */
  public static long parse(String text) {
    try {
      LocalDate day = LocalDate.parse(text.substring(0, Math.min(DAY, text.length())));
      if (text.length() == DAY) {
        return seconds(day.atTime(CLOSE));
      }
      String time = text.substring(DAY + 1).replaceFirst("\\..*", "");
      boolean separated = text.charAt(DAY) == ' ' || text.charAt(DAY) == 'T';
      if (separated && text.length() >= MINUTES) {
        return seconds(day.atTime(LocalTime.parse(time)));
      }
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(expected(text), e);
    }
    throw new IllegalArgumentException(expected(text));
  }

  private static String expected(String text) {
    return "'" + text + "' (expected: a day or time, as 2006-01-30 or 2006-01-30 16:00)";
  }

  private static long seconds(LocalDateTime time) {
    return time.toEpochSecond(ZoneOffset.UTC);
  }

  /** As in {@code 2006-01-30 16:00:00}. */
  public static String text(long time) {
    return dateTime(time).format(TEXT);
  }

  private static LocalDateTime dateTime(long time) {
    return LocalDateTime.ofEpochSecond(time, 0, ZoneOffset.UTC);
  }

  /** Years of 365 days between two times. */
  public static double years(long from, long to) {
    return (to - from) / SECONDS_A_YEAR;
  }
}
