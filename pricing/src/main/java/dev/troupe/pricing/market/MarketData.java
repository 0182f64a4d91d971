package dev.troupe.pricing.market;

import dev.troupe.pricing.market.MarketHistory.Kind;
import dev.troupe.pricing.model.Option;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A history of quotes with the rates of its time, as it travels through the store: the same data
 * give the same bytes.
 */
public record MarketData(MarketHistory history, Terms terms) {

  /** Changes with the form of the bytes. */
  private static final int FORM = 0x4d4b5431;

  /** All of it. */
  public byte[] bytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(FORM);
      write(out, terms);
      out.writeBoolean(history.kind() == Kind.SURFACE);
      out.writeInt(history.snapshots().size());
      for (Snapshot snapshot : history.snapshots()) {
        out.writeLong(snapshot.time());
        out.writeDouble(snapshot.spot());
        out.writeInt(snapshot.quotes().size());
        for (Quote quote : snapshot.quotes()) {
          write(out, quote);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void write(DataOutputStream out, Terms terms) throws IOException {
    RateHistory rates = terms.rates();
    out.writeDouble(terms.dividend());
    out.writeDouble(rates.flat());
    long[] times = rates.times();
    double[] maturities = rates.maturities();
    out.writeInt(times.length);
    out.writeInt(maturities.length);
    for (double maturity : maturities) {
      out.writeDouble(maturity);
    }
    for (int day = 0; day < times.length; day++) {
      out.writeLong(times[day]);
      for (double yield : rates.yields(day)) {
        out.writeDouble(yield);
      }
    }
  }

  private static void write(DataOutputStream out, Quote quote) throws IOException {
    out.writeBoolean(quote.type() == Option.Type.CALL);
    out.writeDouble(quote.strike());
    out.writeLong(quote.expires());
    out.writeDouble(quote.bid());
    out.writeDouble(quote.ask());
    out.writeDouble(quote.price());
  }

  /**
   * What {@link #bytes} wrote.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static MarketData read(ByteBuffer bytes) {
    ByteBuffer in = bytes.duplicate();
    if (in.getInt() != FORM) {
      throw new IllegalArgumentException("market data: another form of bytes");
    }
    Terms terms = terms(in);
    Kind kind = flag(in) ? Kind.SURFACE : Kind.QUOTES;
    List<Snapshot> snapshots = new ArrayList<>();
    for (int left = in.getInt(); left > 0; left--) {
      long time = in.getLong();
      double spot = in.getDouble();
      List<Quote> quotes = new ArrayList<>();
      for (int more = in.getInt(); more > 0; more--) {
        quotes.add(quote(in));
      }
      snapshots.add(new Snapshot(time, spot, quotes));
    }
    return new MarketData(new MarketHistory(kind, snapshots), terms);
  }

  private static Terms terms(ByteBuffer in) {
    double dividend = in.getDouble();
    double flat = in.getDouble();
    long[] times = new long[in.getInt()];
    double[] maturities = doubles(in, in.getInt());
    double[][] yields = new double[times.length][];
    for (int day = 0; day < times.length; day++) {
      times[day] = in.getLong();
      yields[day] = doubles(in, maturities.length);
    }
    boolean moves = times.length > 0;
    return new Terms(
        moves ? RateHistory.of(times, maturities, yields) : RateHistory.flat(flat), dividend);
  }

  private static Quote quote(ByteBuffer in) {
    Option.Type type = flag(in) ? Option.Type.CALL : Option.Type.PUT;
    double strike = in.getDouble();
    long expires = in.getLong();
    return new Quote(type, strike, expires, in.getDouble(), in.getDouble(), in.getDouble());
  }

  private static boolean flag(ByteBuffer in) {
    return in.get() != 0;
  }

  private static double[] doubles(ByteBuffer in, int count) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = in.getDouble();
    }
    return values;
  }
}
