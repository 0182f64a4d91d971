package dev.troupe.pricing.backtest.internal;

import dev.troupe.core.WorkContext;
import dev.troupe.core.duckdb.DuckDb;
import dev.troupe.core.options.OptionsSchema;
import dev.troupe.pricing.market.MarketHistory;
import dev.troupe.pricing.market.MarketTime;
import dev.troupe.pricing.market.Quote;
import dev.troupe.pricing.market.Snapshot;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Every priced quote as CSV and as Parquet, written row by row. */
final class QuoteFiles implements AutoCloseable {

  static final String CSV = "quotes.csv";
  static final String PARQUET = "quotes.parquet";

  private static final Map<String, String> COLUMNS = new LinkedHashMap<>();

  static {
    COLUMNS.put("time", "TIMESTAMP");
    COLUMNS.put("fitted", "TIMESTAMP");
    COLUMNS.put("horizon", "INTEGER");
    COLUMNS.put("segment", "VARCHAR");
    COLUMNS.put("model", "VARCHAR");
    COLUMNS.put("scenario", "VARCHAR");
    COLUMNS.put("type", "VARCHAR");
    COLUMNS.put("expiry", "TIMESTAMP");
    for (String number :
        List.of(
            "strike",
            "spot",
            "bid",
            "ask",
            "market",
            "market_vol",
            "price",
            "vol",
            "delta",
            "hedge_error",
            "fair_delta",
            "fair_hedge_error")) {
      COLUMNS.put(number, "DOUBLE");
    }
  }

  private final MarketHistory history;
  private final Path folder;
  private final MessageDigest digest;
  private final BufferedWriter csv;

  /**
   * @param folder where they are written
   */
  QuoteFiles(MarketHistory history, Path folder) {
    this.history = history;
    this.folder = folder;
    try {
      digest = MessageDigest.getInstance("SHA-256");
      csv =
          new BufferedWriter(
              new OutputStreamWriter(
                  new DigestOutputStream(Files.newOutputStream(folder.resolve(CSV)), digest),
                  StandardCharsets.UTF_8));
      csv.write(String.join(",", COLUMNS.keySet()));
      csv.newLine();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  void add(PricedQuote priced, String segment) {
    Snapshot target = history.snapshots().get(priced.target());
    Quote quote = priced.quote();
    StringBuilder row = new StringBuilder(256);
    row.append(MarketTime.text(target.time()))
        .append(',')
        .append(MarketTime.text(history.snapshots().get(priced.origin()).time()))
        .append(',')
        .append(priced.horizon())
        .append(',')
        .append(segment)
        .append(',')
        .append(OptionsSchema.enumText(priced.model()))
        .append(',')
        .append(priced.scenario())
        .append(',')
        .append(quote.type().name().toLowerCase(Locale.ROOT))
        .append(',')
        .append(MarketTime.text(quote.expires()));
    number(row, quote.strike());
    number(row, target.spot());
    number(row, quote.bid());
    number(row, quote.ask());
    number(row, quote.price());
    number(row, priced.marketVol());
    number(row, priced.price());
    number(row, priced.vol());
    number(row, priced.delta());
    number(row, priced.hedgeError());
    number(row, priced.fairDelta());
    number(row, priced.fairHedgeError());
    try {
      csv.append(row);
      csv.newLine();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void number(StringBuilder row, double value) {
    row.append(',');
    if (!Double.isNaN(value)) {
      row.append(value);
    }
  }

  /** Makes the artifacts; returns the SHA-256 of the CSV file. */
  String save(WorkContext context) throws IOException, SQLException {
    csv.close();
    Path parquet = folder.resolve(PARQUET);
    DuckDb.writeParquet(folder.resolve(CSV), COLUMNS, parquet);
    context.artifact(CSV, folder.resolve(CSV));
    context.artifact(PARQUET, parquet);
    return HexFormat.of().formatHex(digest.digest());
  }

  @Override
  public void close() throws IOException {
    csv.close();
  }
}
