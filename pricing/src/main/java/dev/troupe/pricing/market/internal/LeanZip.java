package dev.troupe.pricing.market.internal;

import dev.troupe.core.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * A day of option quotes by the minute as QuantConnect's LEAN keeps them: a zip with a file for
 * each contract, {@code 20151224_goog_minute_quote_american_put_7425000_20160115.csv}, whose lines
 * are milliseconds from midnight to the minute's beginning; open, high, low, close and size of the
 * bid; the same of the ask. Prices are in 1/10,000 of the currency; the spot is not in it.
 *
 * <p>As a table it has a row for each contract every so many minutes, with the close of the last
 * minute that was over by then; minutes in which nothing changed have no line, and a side that did
 * not change is empty.
 */
final class LeanZip extends Table {

  private static final Pattern NAME =
      Pattern.compile(
          "(\\d{8})_[^_]+_minute_quote_(?:american|european)_(call|put)_(\\d{1,15})_(\\d{8})\\.csv");

  private static final List<String> COLUMNS =
      List.of("time", "expiry", "strike", "type", "bid", "ask");

  private static final int MINUTES_A_DAY = 24 * 60;
  private static final long MILLIS_A_MINUTE = 60_000;
  private static final int MOST_CONTRACTS = 100_000;

  /** More bytes than a line for each minute of a day can have. */
  private static final int MOST_BYTES = 1 << 20;

  private static final int FIELDS = 11;
  private static final int BID_CLOSE = 4;
  private static final int ASK_CLOSE = 9;

  /** What was quoted when a minute was over; "" where a side was not yet. */
  private record Bar(int minute, String bid, String ask) {}

  private static final Bar NOTHING = new Bar(0, "", "");

  private static final class Contract {
    private final String expiry;
    private final String strike;
    private final String type;
    private final List<Bar> bars = new ArrayList<>();
    private int at = -1;

    Contract(String expiry, String strike, String type) {
      this.expiry = expiry;
      this.strike = strike;
      this.type = type;
    }

    /** Goes to the last bar that was over by a minute of the day; false if none was. */
    boolean goTo(int minute) {
      while (at + 1 < bars.size() && bars.get(at + 1).minute() <= minute) {
        at++;
      }
      return at >= 0;
    }
  }

  private final Path file;
  private final int every;
  private final List<Contract> contracts = new ArrayList<>();
  private List<String> columns = COLUMNS;
  private String day = "";
  private int minute = MINUTES_A_DAY;
  private int last;
  private int contract = -1;

  private LeanZip(Path file, int every) {
    this.file = file;
    this.every = every;
  }

  /**
   * Reads a zip.
   *
   * @throws InputException if it is none, or a name or a line in it has another form
   */
  static LeanZip read(Path file, int every) {
    if (!Files.isRegularFile(file)) {
      throw new InputException(file + ": no such file (expected: LEAN's quotes by the minute)");
    }
    LeanZip table = new LeanZip(file, every);
    try (ZipFile zip = new ZipFile(file.toFile())) {
      if (zip.size() > MOST_CONTRACTS) {
        throw new InputException(
            "%s: %d files (expected: at most %d)".formatted(file, zip.size(), MOST_CONTRACTS));
      }
      for (ZipEntry entry : Collections.list(zip.entries())) {
        if (!entry.isDirectory()) {
          table.add(entry.getName(), zip.getInputStream(entry));
        }
      }
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read: " + e.getMessage(), e);
    }
    table.minute = (table.minute + every - 1) / every * every;
    return table;
  }

  private void add(String name, InputStream content) throws IOException {
    Matcher parts = NAME.matcher(name);
    if (!parts.matches()) {
      throw new InputException(
          "%s: %s (expected: names as 20151224_goog_minute_quote_american_put_7425000_20160115.csv)"
              .formatted(file, name));
    }
    String quoted = date(parts.group(1));
    if (!day.isEmpty() && !day.equals(quoted)) {
      throw new InputException(
          "%s: quotes of %s and %s (expected: one day)".formatted(file, day, quoted));
    }
    day = quoted;
    byte[] bytes = content.readNBytes(MOST_BYTES);
    if (bytes.length == MOST_BYTES) {
      throw new InputException(
          "%s, %s: too long (expected: at most a line a minute)".formatted(file, name));
    }
    Contract read = new Contract(date(parts.group(4)), dollars(parts.group(3)), parts.group(2));
    int line = 0;
    for (String text : new String(bytes, StandardCharsets.US_ASCII).split("\r?\n", -1)) {
      line++;
      if (!text.isEmpty()) {
        read.bars.add(bar(text, name, line, read.bars));
      }
    }
    if (!read.bars.isEmpty()) {
      minute = Math.min(minute, read.bars.get(0).minute());
      last = Math.max(last, read.bars.get(read.bars.size() - 1).minute());
      contracts.add(read);
    }
  }

  private Bar bar(String text, String name, int line, List<Bar> before) {
    String[] fields = text.split(",", -1);
    if (fields.length < FIELDS) {
      throw wrong(name, line, "%d fields (expected: %d)".formatted(fields.length, FIELDS));
    }
    try {
      long begins = Long.parseLong(fields[0]) / MILLIS_A_MINUTE;
      Bar old = before.isEmpty() ? NOTHING : before.get(before.size() - 1);
      if (begins < old.minute() || begins >= MINUTES_A_DAY) {
        throw wrong(
            name,
            line,
            fields[0] + " (expected: milliseconds of a day, each minute after the last)");
      }
      return new Bar(
          (int) begins + 1, side(fields[BID_CLOSE], old.bid()), side(fields[ASK_CLOSE], old.ask()));
    } catch (NumberFormatException e) {
      throw wrong(name, line, "'" + text + "' (expected: whole numbers)");
    }
  }

  private static String side(String tenThousandths, String before) {
    return tenThousandths.isEmpty() ? before : dollars(tenThousandths);
  }

  private InputException wrong(String name, int line, String what) {
    return new InputException("%s, %s, line %d: %s".formatted(file, name, line, what));
  }

  private static String dollars(String tenThousandths) {
    return BigDecimal.valueOf(Long.parseLong(tenThousandths), 4).toString();
  }

  private static String date(String digits) {
    return digits.substring(0, 4) + "-" + digits.substring(4, 6) + "-" + digits.substring(6);
  }

  @Override
  public List<String> columns() {
    return columns;
  }

  @Override
  public void select(List<String> names) {
    columns = List.copyOf(names);
  }

  @Override
  public boolean next() {
    while (minute <= last) {
      while (++contract < contracts.size()) {
        if (contracts.get(contract).goTo(minute)) {
          return true;
        }
      }
      contract = -1;
      minute += every;
    }
    return false;
  }

  @Override
  public String text(int column) {
    Contract now = contracts.get(contract);
    return switch (columns.get(column)) {
      case "time" -> "%s %02d:%02d".formatted(day, minute / 60, minute % 60);
      case "expiry" -> now.expiry;
      case "strike" -> now.strike;
      case "type" -> now.type;
      case "bid" -> now.bars.get(now.at).bid();
      case "ask" -> now.bars.get(now.at).ask();
      default -> "";
    };
  }

  @Override
  public String where() {
    Contract now = contracts.get(contract);
    return "%s, %s %s of %s, minute %d".formatted(file, now.strike, now.type, now.expiry, minute);
  }

  @Override
  public void close() {
    contracts.clear();
  }
}
