package dev.troupe.pricing.market.internal;

import dev.troupe.core.InputException;
import dev.troupe.pricing.market.MarketHistory;
import dev.troupe.pricing.market.MarketTime;
import dev.troupe.pricing.market.Quote;
import dev.troupe.pricing.market.Snapshot;
import dev.troupe.pricing.market.Terms;
import dev.troupe.pricing.model.Option;
import java.util.List;
import java.util.Locale;

/** Rows of bids and asks. A side that is missing is 0 (bid) or NaN (ask), and filtered later. */
public final class QuoteRows extends Rows {

  private static final List<String> COLUMNS =
      List.of("time", "spot", "expiry", "strike", "type", "bid", "ask");

  private static final int EXPIRY = 2;
  private static final int STRIKE = 3;
  private static final int TYPE = 4;
  private static final int BID = 5;
  private static final int ASK = 6;

  private final Terms terms;

  /**
   * @param terms what a spot is found with that the rows lack
   */
  public QuoteRows(Terms terms) {
    this.terms = terms;
  }

  @Override
  public MarketHistory.Kind kind() {
    return MarketHistory.Kind.QUOTES;
  }

  @Override
  public List<String> columns() {
    return COLUMNS;
  }

  @Override
  double spot(Table row) {
    return row.columns().get(SPOT).isEmpty() ? Double.NaN : super.spot(row);
  }

  @Override
  double spot(long at, List<Quote> quotesThen) {
    return ParitySpot.of(at, quotesThen, terms);
  }

  @Override
  Quote quote(Table row, long at, double spotThen) {
    double bid = row.number(BID);
    return Quote.of(
        type(row),
        row.positive(STRIKE),
        time(row, EXPIRY),
        Double.isNaN(bid) ? 0 : bid,
        row.number(ASK));
  }

  private static Option.Type type(Table row) {
    return switch (row.text(TYPE).toLowerCase(Locale.ROOT)) {
      case "call", "c" -> Option.Type.CALL;
      case "put", "p" -> Option.Type.PUT;
      default -> throw row.wrong(TYPE, "'" + row.text(TYPE) + "' (expected: call or put)");
    };
  }

  @Override
  void check(Snapshot snapshot) {
    Quote previous = null;
    for (Quote quote : snapshot.quotes()) {
      if (previous != null && quote.sameContract(previous)) {
        throw new InputException(
            "%s: two quotes of the %s of strike %s that expires %s (expected: one)"
                .formatted(
                    MarketTime.text(snapshot.time()),
                    quote.type().name().toLowerCase(Locale.ROOT),
                    quote.strike(),
                    MarketTime.text(quote.expires())));
      }
      previous = quote;
    }
  }
}
