package dev.troupe.pricing.market;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.core.InputException;
import dev.troupe.pricing.analytic.BlackScholes;
import dev.troupe.pricing.model.Option;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Quotes whose file has no spot: LEAN's, by the minute as zips and by the hour as tables. */
class LeanQuotesTest {

  private static final Terms TERMS = new Terms(RateHistory.flat(0.03), 0.01);
  private static final String CALL = "20240105_abc_minute_quote_american_call_1000000_20240119.csv";
  private static final String PUT = "20240105_abc_minute_quote_american_put_1000000_20240119.csv";

  @TempDir private Path folder;

  private Path zip(Map<String, String> entries) throws IOException {
    Path file = folder.resolve("day.zip");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (Map.Entry<String, String> entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue().getBytes(StandardCharsets.US_ASCII));
      }
    }
    return file;
  }

  private static MarketReader.Read read(Path file, int every) {
    return new MarketReader(TERMS, List.of(), every).read(List.of(file));
  }

  /** A bar of one minute, whose quote moves from elsewhere to its close. */
  private static String bar(int minute, String bid, String ask) {
    return "%d,1,2,1,%s,5,3,4,3,%s,7\n".formatted(minute * 60_000, bid, ask);
  }

  @Test
  void takesTheLastQuoteBeforeEachTime() throws Exception {
    int ten = 10 * 60;
    Map<String, String> entries = new LinkedHashMap<>();
    entries.put(
        CALL,
        bar(ten - 30, "25000", "26000")
            + bar(ten - 1, "26000", "26500") // over at 10:00
            + bar(ten, "30000", "31000")
            + bar(ten + 65, "28000", "29000"));
    entries.put(PUT, bar(ten - 20, "20000", "21000") + bar(ten + 30, "", "22000"));
    MarketReader.Read read = read(zip(entries), 60);

    assertThat(read.history().kind()).isEqualTo(MarketHistory.Kind.QUOTES);
    assertThat(read.rows()).isEqualTo(4);
    Snapshot snapshot = read.history().snapshots().get(0);
    assertThat(read.history().snapshots()).hasSize(2);
    assertThat(read.history().snapshots().get(1).quotes().get(1).bid()).isEqualTo(2); // as before
    assertThat(MarketTime.text(snapshot.time())).isEqualTo("2024-01-05 10:00:00");
    long expires = MarketTime.parse("2024-01-19");
    assertThat(snapshot.quotes())
        .containsExactly(
            Quote.of(Option.Type.CALL, 100, expires, 2.6, 2.65),
            Quote.of(Option.Type.PUT, 100, expires, 2, 2.1));
    double years = MarketTime.years(snapshot.time(), expires);
    double forward = (2.625 - 2.05) * Math.exp(0.03 * years) + 100;
    assertThat(snapshot.spot()).isCloseTo(forward * Math.exp(-0.02 * years), within(1e-9));
  }

  @Test
  void takesAsManyTimesAsAreAskedFor() throws Exception {
    Map<String, String> entries = new LinkedHashMap<>();
    StringBuilder bars = new StringBuilder();
    for (int minute = 570; minute < 600; minute++) {
      bars.append(bar(minute, "20000", "21000"));
    }
    entries.put(CALL, bars.toString());
    entries.put(PUT, bars.toString());
    Path file = zip(entries);
    assertThat(read(file, 1).history().snapshots()).hasSize(30);
    assertThat(read(file, 10).history().snapshots()).hasSize(3);
    assertThat(read(file, 60).history().snapshots()).hasSize(1);
  }

  @Test
  void findsTheSpotOfATableWithoutIt() throws Exception {
    double spot = 103.4;
    StringBuilder csv = new StringBuilder("time,expiry,strike,right,bid_close,ask_close\n");
    csv.append("2024-01-05 06:00,2024-01-19,100,call,,\n"); // before the market opens
    for (double strike : new double[] {80, 101, 103, 105, 130}) {
      for (Option.Type type : Option.Type.values()) {
        Option option = new Option(type, Option.Exercise.EUROPEAN, strike, 14.25 / 365);
        double price = BlackScholes.price(option, spot, 0.03, 0.01, 0.3).price();
        csv.append(
            String.format(
                Locale.ROOT,
                "2024-01-05 10:00,2024-01-19,%s,%s,%.9f,%.9f%n",
                strike,
                type.name().toLowerCase(Locale.ROOT),
                price * 0.99,
                price * 1.01));
      }
    }
    MarketReader.Read read = read(Files.writeString(folder.resolve("hour.csv"), csv), 60);
    assertThat(read.rows()).isEqualTo(11);
    assertThat(read.withoutSpot()).isEqualTo(1);
    assertThat(read.history().snapshots()).hasSize(1);
    assertThat(read.history().snapshots().get(0).spot()).isCloseTo(spot, within(1e-5));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "20240105_abc_minute_trade_american_call_1_20240119.csv | 1 | day.zip: 20240105_abc_minute_trade",
        "20240105_abc_minute_quote_american_call_1000000_20240119.csv | 1,2,3 | call_1000000_20240119.csv, line 1: 3 fields (expected: 11)",
        "20240105_abc_minute_quote_american_call_1000000_20240119.csv | 0,1,2,3,x,5,6,7,8,9,10 | line 1: '0,1,2,3,x,5,6,7,8,9,10' (expected: whole numbers)",
        "20240105_abc_minute_quote_american_call_1000000_20240119.csv | 86400000,1,2,3,4,5,6,7,8,9,10 | line 1: 86400000 (expected: milliseconds of a day",
      })
  void saysWhereAZipIsNotLeans(String name, String content, String message) throws Exception {
    Path file = zip(Map.of(name, content));
    assertThatThrownBy(() -> read(file, 60))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(message);
  }

  @Test
  void saysWhatIsNoZip() throws Exception {
    Path file = Files.writeString(folder.resolve("none.zip"), "text");
    assertThatThrownBy(() -> read(file, 60))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("none.zip: cannot be read");
    assertThatThrownBy(() -> read(folder.resolve("gone.zip"), 60))
        .hasMessageContaining("no such file");
  }
}
