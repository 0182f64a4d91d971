package dev.troupe.pricing.market.internal;

import dev.troupe.core.InputException;
import dev.troupe.pricing.analytic.BlackScholes;
import dev.troupe.pricing.market.MarketHistory;
import dev.troupe.pricing.market.MarketTime;
import dev.troupe.pricing.market.Quote;
import dev.troupe.pricing.market.Snapshot;
import dev.troupe.pricing.market.Terms;
import dev.troupe.pricing.model.Option;
import java.util.List;
import java.util.TreeSet;

/** Rows of implied volatilities, the same points each time. */
public final class SurfaceRows extends Rows {

  private static final List<String> COLUMNS =
      List.of("time", "spot", "days_to_maturity", "moneyness", "implied_vol");

  private static final int DAYS = 2;
  private static final int MONEYNESS = 3;
  private static final int VOL = 4;

  /** A point of a surface. */
  private record Point(double days, double moneyness) implements Comparable<Point> {
    @Override
    public int compareTo(Point other) {
      int byDays = Double.compare(days, other.days);
      return byDays != 0 ? byDays : Double.compare(moneyness, other.moneyness);
    }
  }

  private final Terms terms;
  private final TreeSet<Point> points = new TreeSet<>();
  private TreeSet<Point> first;

  public SurfaceRows(Terms terms) {
    this.terms = terms;
  }

  @Override
  public MarketHistory.Kind kind() {
    return MarketHistory.Kind.SURFACE;
  }

  @Override
  public List<String> columns() {
    return COLUMNS;
  }

  @Override
  Quote quote(Table row, long at, double spotThen) {
    Point point = new Point(row.positive(DAYS), row.positive(MONEYNESS));
    if (!points.add(point)) {
      throw row.wrong(
          MONEYNESS,
          "%s a second time at %s days (expected: each point once a time)"
              .formatted(point.moneyness(), point.days()));
    }
    double vol = row.positive(VOL);
    long expires = at + Math.round(point.days() * MarketTime.SECONDS_A_DAY);
    double years = MarketTime.years(at, expires);
    Option.Type type = point.moneyness() < 1 ? Option.Type.PUT : Option.Type.CALL;
    Option option = new Option(type, Option.Exercise.EUROPEAN, point.moneyness() * spotThen, years);
    double rate = terms.rates().at(at).zeroRate(years);
    double price = BlackScholes.price(option, spotThen, rate, terms.dividend(), vol).price();
    return new Quote(type, option.strike(), expires, Double.NaN, Double.NaN, price);
  }

  @Override
  void check(Snapshot snapshot) {
    if (first == null) {
      first = new TreeSet<>(points);
    }
    if (!points.equals(first)) {
      Point hole = first.stream().filter(p -> !points.contains(p)).findFirst().orElse(null);
      Point more = points.stream().filter(p -> !first.contains(p)).findFirst().orElse(null);
      throw new InputException(
          "surface of %s: %s (expected: the %d points of the first time)"
              .formatted(
                  MarketTime.text(snapshot.time()),
                  hole != null
                      ? "a hole at %s days, moneyness %s".formatted(hole.days(), hole.moneyness())
                      : "one point more, at %s days, moneyness %s"
                          .formatted(more.days(), more.moneyness()),
                  first.size()));
    }
    points.clear();
  }
}
