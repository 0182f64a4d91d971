package dev.troupe.pricing.market;

import dev.troupe.pricing.model.Option;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Leaves out quotes that are no evidence of a price, and counts why. A quote is judged by its own
 * time and the one before alone.
 *
 * @param minDays to expiry
 * @param maxDays to expiry
 * @param minMoneyness strike over spot
 * @param maxMoneyness strike over spot
 * @param maxSpread of ask over bid, as a part of the middle
 * @param tolerance of parity and bounds, as a part of the spot: spot and quotes are seldom of the
 *     same instant
 * @param exercise early rights loosen parity and tighten bounds
 */
public record QuoteFilter(
    double minDays,
    double maxDays,
    double minMoneyness,
    double maxMoneyness,
    double maxSpread,
    double tolerance,
    Option.Exercise exercise) {

  /** A spot that moves more than this and leaves a quote where it was makes it stale. */
  private static final double STALE_MOVE = 0.01;

  /** Why a quote was left out, in the order of the tests; the first that fails counts. */
  public enum Reason {
    NO_BID,
    NO_ASK,
    CROSSED,
    SPREAD,
    TENOR,
    MONEYNESS,
    STALE,
    BOUNDS,
    VERTICAL,
    PARITY
  }

  /**
   * What is left.
   *
   * @param dropped quotes by reason, all reasons
   */
  public record Filtered(MarketHistory history, Map<Reason, Long> dropped) {}

  /** Filters a history; times of which nothing is left go too. */
  public Filtered apply(MarketHistory history, Terms terms) {
    Map<Reason, Long> dropped = new LinkedHashMap<>();
    for (Reason reason : Reason.values()) {
      dropped.put(reason, 0L);
    }
    List<Snapshot> kept = new ArrayList<>();
    Snapshot before = null;
    for (Snapshot snapshot : history.snapshots()) {
      Snapshot after = apply(snapshot, before, terms, dropped);
      if (!after.quotes().isEmpty()) {
        kept.add(after);
      }
      before = snapshot;
    }
    return new Filtered(new MarketHistory(history.kind(), kept), dropped);
  }

  private Snapshot apply(
      Snapshot snapshot, Snapshot before, Terms terms, Map<Reason, Long> dropped) {
    List<Quote> left = new ArrayList<>();
    for (Quote quote : snapshot.quotes()) {
      Optional<Reason> reason = alone(quote, snapshot, before, terms);
      if (reason.isPresent()) {
        dropped.merge(reason.get(), 1L, Long::sum);
      } else {
        left.add(quote);
      }
    }
    left = without(vertical(left), left, Reason.VERTICAL, dropped);
    left = without(parity(left, snapshot, terms), left, Reason.PARITY, dropped);
    return new Snapshot(snapshot.time(), snapshot.spot(), left);
  }

  /** What is wrong with a quote by itself. */
  private Optional<Reason> alone(Quote quote, Snapshot now, Snapshot before, Terms terms) {
    double days = (quote.expires() - now.time()) / (double) MarketTime.SECONDS_A_DAY;
    double moneyness = quote.strike() / now.spot();
    boolean sided = !(Double.isNaN(quote.bid()) && Double.isNaN(quote.ask()));
    if (sided && !(quote.bid() > 0)) {
      return Optional.of(Reason.NO_BID);
    } else if (sided && !(quote.ask() > 0 && Double.isFinite(quote.ask()))) {
      return Optional.of(Reason.NO_ASK);
    } else if (quote.ask() < quote.bid()) {
      return Optional.of(Reason.CROSSED);
    } else if (quote.ask() - quote.bid() > maxSpread * quote.price()) {
      return Optional.of(Reason.SPREAD);
    } else if (days < minDays || days > maxDays) {
      return Optional.of(Reason.TENOR);
    } else if (moneyness < minMoneyness || moneyness > maxMoneyness) {
      return Optional.of(Reason.MONEYNESS);
    } else if (sided && stale(quote, now, before)) {
      return Optional.of(Reason.STALE);
    }
    return bounds(quote, now, terms) ? Optional.empty() : Optional.of(Reason.BOUNDS);
  }

  private static boolean stale(Quote quote, Snapshot now, Snapshot before) {
    return before != null
        && Math.abs(now.spot() / before.spot() - 1) > STALE_MOVE
        && before
            .find(quote)
            .filter(old -> old.bid() == quote.bid() && old.ask() == quote.ask())
            .isPresent();
  }

  private boolean bounds(Quote quote, Snapshot now, Terms terms) {
    double discount = terms.discount(now.time(), quote.expires());
    double forward = terms.forward(now.time(), now.spot(), quote.expires());
    int sign = quote.type().sign();
    double lower = Math.max(sign * discount * (forward - quote.strike()), 0);
    double upper = discount * (quote.type() == Option.Type.CALL ? forward : quote.strike());
    if (exercise == Option.Exercise.AMERICAN) {
      lower = Math.max(lower, sign * (now.spot() - quote.strike()));
      upper = quote.type() == Option.Type.CALL ? now.spot() : quote.strike();
    }
    double slack = tolerance * now.spot();
    double ask = Double.isNaN(quote.ask()) ? quote.price() : quote.ask();
    double bid = Double.isNaN(quote.bid()) ? quote.price() : quote.bid();
    return ask >= lower - slack && bid <= upper + slack;
  }

  /** Quotes that can be sold for more than one that is worth more costs. */
  private static Set<Quote> vertical(List<Quote> quotes) {
    Set<Quote> wrong = new HashSet<>();
    for (Option.Type type : Option.Type.values()) {
      Quote last = null;
      for (Quote quote : quotes) {
        if (quote.type() == type) {
          if (last != null && last.expires() == quote.expires()) {
            Quote dear = type == Option.Type.CALL ? last : quote;
            Quote cheap = type == Option.Type.CALL ? quote : last;
            if (cheap.bid() > dear.ask()) {
              wrong.add(cheap);
              wrong.add(dear);
            }
          }
          last = quote;
        }
      }
    }
    return wrong;
  }

  /** Pairs of a call and a put of one strike that, bought and sold, pay without risk. */
  private Set<Quote> parity(List<Quote> quotes, Snapshot now, Terms terms) {
    Set<Quote> wrong = new HashSet<>();
    for (int i = 0; i + 1 < quotes.size(); i++) {
      Quote call = quotes.get(i);
      Quote put = quotes.get(i + 1);
      if (call.type() != Option.Type.CALL
          || put.type() != Option.Type.PUT
          || call.strike() != put.strike()
          || call.expires() != put.expires()) {
        continue;
      }
      double discount = terms.discount(now.time(), call.expires());
      double forward = terms.forward(now.time(), now.spot(), call.expires());
      double low = discount * (forward - call.strike());
      double high = low;
      if (exercise == Option.Exercise.AMERICAN) {
        low = discount * forward - call.strike();
        high = now.spot() - discount * call.strike();
      }
      double slack = tolerance * now.spot();
      if (call.ask() - put.bid() < low - slack || call.bid() - put.ask() > high + slack) {
        wrong.add(call);
        wrong.add(put);
      }
    }
    return wrong;
  }

  private static List<Quote> without(
      Set<Quote> wrong, List<Quote> quotes, Reason reason, Map<Reason, Long> dropped) {
    dropped.merge(reason, (long) wrong.size(), Long::sum);
    return quotes.stream().filter(q -> !wrong.contains(q)).toList();
  }
}
