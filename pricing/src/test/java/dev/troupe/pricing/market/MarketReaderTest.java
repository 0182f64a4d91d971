package dev.troupe.pricing.market;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.core.InputException;
import dev.troupe.core.duckdb.DuckDb;
import dev.troupe.pricing.analytic.BlackScholes;
import dev.troupe.pricing.model.Option;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MarketReaderTest {

  private static final Terms TERMS = new Terms(RateHistory.flat(0.03), 0.01);

  private static final String QUOTES =
      """
      time,spot,expiry,strike,type,bid,ask
      2015-12-23 10:00,750,2016-01-15,740,put,12.1,12.5
      2015-12-23 10:00,750,2016-01-15,740,call,21.9,22.7
      2015-12-23 11:00,752.5,2016-01-15,740,call,,24
      """;

  private static final String SURFACE =
      """
      date,spot,days_to_maturity,moneyness,implied_vol
      2006-01-30,1285.2,60.83,0.9,0.12369
      2006-01-30,1285.2,60.83,1.1,0.10072
      2006-01-31,1280.08,60.83,0.9,0.12533
      2006-01-31,1280.08,60.83,1.1,0.10175
      """;

  @TempDir private Path folder;

  private Path file(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  private static MarketReader.Read read(Path file, String... columns) {
    return new MarketReader(TERMS, List.of(columns), 60).read(List.of(file));
  }

  @Test
  void readsQuotesInTheOrderOfTheirContracts() throws Exception {
    MarketReader.Read read = read(file("quotes.csv", QUOTES));
    MarketHistory history = read.history();

    assertThat(history.kind()).isEqualTo(MarketHistory.Kind.QUOTES);
    assertThat(read.rows()).isEqualTo(3);
    assertThat(history.snapshots()).hasSize(2);
    Snapshot first = history.snapshots().get(0);
    assertThat(first.time()).isEqualTo(MarketTime.parse("2015-12-23T10:00:00"));
    assertThat(first.spot()).isEqualTo(750);
    assertThat(first.quotes())
        .containsExactly(
            Quote.of(Option.Type.CALL, 740, MarketTime.parse("2016-01-15 16:00"), 21.9, 22.7),
            Quote.of(Option.Type.PUT, 740, MarketTime.parse("2016-01-15"), 12.1, 12.5));
    assertThat(history.snapshots().get(1).quotes().get(0).bid()).isZero();
  }

  @Test
  void pricesTheVolatilitiesOfASurface() throws Exception {
    MarketHistory history = read(file("surface.csv", SURFACE)).history();

    assertThat(history.kind()).isEqualTo(MarketHistory.Kind.SURFACE);
    Snapshot day = history.snapshots().get(1);
    Quote put = day.quotes().get(0);
    double years = MarketTime.years(day.time(), put.expires());
    assertThat(put.type()).isEqualTo(Option.Type.PUT);
    assertThat(put.strike()).isCloseTo(0.9 * 1280.08, within(1e-9));
    assertThat(years).isCloseTo(60.83 / 365, within(1e-7));
    Option option = new Option(Option.Type.PUT, Option.Exercise.EUROPEAN, put.strike(), years);
    assertThat(put.price())
        .isCloseTo(BlackScholes.price(option, 1280.08, 0.03, 0.01, 0.12533).price(), within(1e-9));
    assertThat(put.bid()).isNaN();
  }

  @Test
  void readsTheSameFromParquetAndGzip() throws Exception {
    MarketHistory expected = read(file("quotes.csv", QUOTES)).history();
    Path zipped = folder.resolve("quotes.csv.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(zipped))) {
      out.write(QUOTES.getBytes(StandardCharsets.UTF_8));
    }
    Path parquet = folder.resolve("quotes.parquet");
    try (Connection connection = DuckDb.open();
        Statement statement = connection.createStatement()) {
      statement.execute(
          """
          COPY (SELECT CAST(time AS TIMESTAMP) AS time, CAST(spot AS DOUBLE) AS spot,
                CAST(expiry AS DATE) AS expiry, CAST(strike AS DOUBLE) AS strike, type,
                CAST(nullif(bid, '') AS DOUBLE) AS bid, CAST(ask AS DOUBLE) AS ask FROM %s)
          TO %s (FORMAT parquet)
          """
              .formatted(
                  DuckDb.csv(statement, folder.resolve("quotes.csv")),
                  DuckDb.quoted(parquet.toString())));
    }

    assertThat(read(zipped).history()).isEqualTo(expected);
    assertThat(read(parquet).history()).isEqualTo(expected);
  }

  @Test
  void takesColumnsByOtherNames() throws Exception {
    String other =
        QUOTES.replace("time,spot", "stamp,px").replace("type,bid,ask", "cp,b,best_offer");
    assertThat(
            read(file("other.csv", other), "time=stamp", "spot=px", "type=cp", "bid=b").history())
        .isEqualTo(read(file("quotes.csv", QUOTES)).history());
  }

  @Test
  void leavesACutSnapshotOut() throws Exception {
    Path file = file("surface.csv", SURFACE);
    MarketReader.Read read = new MarketReader(TERMS, List.of(), 60).read(List.of(file), 3);
    assertThat(read.whole()).isFalse();
    assertThat(read.history().snapshots()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "strike | price | no column strike (expected: one of [strike, strike_price], or columns=strike=NAME",
        "12.1 | n/a | line 2, column bid: 'n/a' (expected: a number)",
        "740,call,, | -740,call,, | line 4, column strike: -740 (expected: a number > 0)",
        "740,put | 740,straddle | line 2, column type: 'straddle' (expected: call or put)",
        "11:00 | 09:00 | line 4, column time: 2015-12-23 09:00 after 2015-12-23 10:00 (expected: rows in order",
        "2015-12-23 11:00 | yesterday | line 4, column time: 'yesterday' (expected: a day or time",
        "10:00,750,2016-01-15,740,call | 10:00,751,2016-01-15,740,call | line 3, column spot: 751.0 (expected: 750.0 as in other rows",
        "call,21.9 | put,21.9 | two quotes of the put of strike 740.0 that expires 2016-01-15 16:00:00",
      })
  void namesWhatIsWrongWithQuotes(String from, String to, String message) throws Exception {
    Path file = file("quotes.csv", QUOTES.replace(from, to));
    assertThatThrownBy(() -> read(file))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "2006-01-31,1280.08,60.83,1.1,0.10175 | '' | surface of 2006-01-31 16:00:00: a hole at 60.83 days, moneyness 1.1 (expected: the 2 points",
        "2006-01-31,1280.08,60.83,1.1 | 2006-01-31,1280.08,60.83,1.2 | a hole at 60.83 days, moneyness 1.1",
        "0.12533 | '' | line 4, column implied_vol: empty (expected: a number > 0)",
        "2006-01-31,1280.08,60.83,1.1 | 2006-01-31,1280.08,60.83,0.9 | line 5, column moneyness: 0.9 a second time",
      })
  void namesTheHolesOfASurface(String from, String to, String message) throws Exception {
    String content = SURFACE.replace(from, to.equals("''") ? "" : to).replace("\n\n", "\n");
    Path file = file("surface.csv", content);
    assertThatThrownBy(() -> read(file))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(message);
  }

  @Test
  void refusesFilesOfTwoKinds() throws Exception {
    List<Path> files = List.of(file("quotes.csv", QUOTES), file("surface.csv", SURFACE));
    assertThatThrownBy(() -> new MarketReader(TERMS, List.of(), 60).read(files))
        .hasMessageContaining("surface.csv: columns [date")
        .hasMessageContaining("(expected: those of");
  }

  @Test
  void refusesWhatIsNoTableOrNoColumn() throws Exception {
    assertThatThrownBy(() -> read(folder.resolve("none.csv"))).hasMessageContaining("no such file");
    Path empty = file("empty.csv", "");
    assertThatThrownBy(() -> read(empty)).hasMessageContaining("no header line");
    assertThatThrownBy(() -> new MarketReader(TERMS, List.of("when=date"), 60))
        .hasMessageContaining("columns: 'when=date' (expected: OURS=THEIRS, where OURS is one of");
  }
}
