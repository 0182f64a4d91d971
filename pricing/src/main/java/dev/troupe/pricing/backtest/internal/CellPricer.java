package dev.troupe.pricing.backtest.internal;

import dev.troupe.pricing.analytic.BlackScholes;
import dev.troupe.pricing.backtest.BacktestOptions;
import dev.troupe.pricing.backtest.BacktestOptions.Model;
import dev.troupe.pricing.backtest.internal.Grid.Cell;
import dev.troupe.pricing.market.MarketData;
import dev.troupe.pricing.market.MarketHistory.Kind;
import dev.troupe.pricing.market.MarketTime;
import dev.troupe.pricing.market.Quote;
import dev.troupe.pricing.market.Snapshot;
import dev.troupe.pricing.market.Terms;
import dev.troupe.pricing.model.Greeks;
import dev.troupe.pricing.model.Option;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Prices cells. What models see is cut out of the market before they are asked; the market's own
 * prices come in afterwards, to be compared.
 */
final class CellPricer {

  private final MarketData market;
  private final BacktestOptions options;
  private final Map<Integer, Fit> fits;
  private final Networks networks;
  private final Map<Model, PricingModel> models = new EnumMap<>(Model.class);
  private final Map<Model, Double> seconds = new EnumMap<>(Model.class);
  private final Map<Model, Long> counts = new EnumMap<>(Model.class);
  private int surfaceOf = -1;
  private ImpliedSurface surface;
  private int nextOf = -1;
  private ImpliedSurface next;
  private long unpriced;

  CellPricer(
      MarketData market, BacktestOptions options, Map<Integer, Fit> fits, Networks networks) {
    this.networks = networks;
    this.market = market;
    this.options = options;
    this.fits = fits;
  }

  /** What models took, without comparing. */
  Map<Model, Double> seconds() {
    return seconds;
  }

  /** Quotes that were priced. */
  Map<Model, Long> counts() {
    return counts;
  }

  /** Quotes whose model could not be fitted. */
  long unpriced() {
    return unpriced;
  }

  List<PricedQuote> price(Cell cell) {
    Snapshot target = snapshot(cell.target());
    List<Quote> quotes = target.quotes().subList(cell.from(), cell.to());
    View view = view(cell, target);
    List<Greeks> priced =
        cell.model().learned() ? learned(cell, view, quotes) : chain(cell, view, quotes);
    if (priced.isEmpty()) {
      unpriced += quotes.size();
      return List.of();
    }
    List<PricedQuote> compared = new ArrayList<>(quotes.size());
    for (int i = 0; i < quotes.size(); i++) {
      compared.add(compare(cell, target, quotes.get(i), priced.get(i)));
    }
    return compared;
  }

  /** Empty if the model could not be fitted. */
  private List<Greeks> chain(Cell cell, View view, List<Quote> quotes) {
    PricingModel model =
        models.computeIfAbsent(cell.model(), name -> PricingModel.of(name, options));
    if (!model.canPrice(view)) {
      return List.of();
    }
    Option.Exercise exercise =
        cell.model() == Model.HESTON_VASICEK ? options.exercise() : Option.Exercise.EUROPEAN;
    double years = view.years(quotes.get(0).expires());
    List<Option> chain =
        quotes.stream().map(q -> new Option(q.type(), exercise, q.strike(), years)).toList();
    return timed(cell, () -> model.price(view, chain));
  }

  private List<Greeks> learned(Cell cell, View view, List<Quote> quotes) {
    LearnedModel model = networks.of(cell.model(), cell.origin());
    return model.canPrice(view) ? timed(cell, () -> model.price(view, quotes)) : List.of();
  }

  private List<Greeks> timed(Cell cell, Supplier<List<Greeks>> pricing) {
    long start = System.nanoTime();
    List<Greeks> priced = pricing.get();
    seconds.merge(cell.model(), (System.nanoTime() - start) * 1e-9, Double::sum);
    counts.merge(cell.model(), (long) cell.quotes(), Long::sum);
    return priced;
  }

  private View view(Cell cell, Snapshot target) {
    Snapshot origin = snapshot(cell.origin());
    if (surfaceOf != cell.origin()) {
      surface = new ImpliedSurface(origin, market.terms());
      surfaceOf = cell.origin();
    }
    Terms terms = market.terms();
    return new View(
        target.time(),
        target.spot(),
        terms.rates().at(origin.time()),
        terms.dividend(),
        surface,
        fits.get(cell.origin()),
        cell.scenario(),
        options.exercise());
  }

  private PricedQuote compare(Cell cell, Snapshot target, Quote quote, Greeks model) {
    double years = MarketTime.years(target.time(), quote.expires());
    double forward = market.terms().forward(target.time(), target.spot(), quote.expires());
    double discount = market.terms().discount(target.time(), quote.expires());
    return new PricedQuote(
        cell.origin(),
        cell.horizon(),
        cell.model(),
        cell.scenario().name(),
        quote,
        Implied.vol(quote.type(), quote.strike(), years, quote.price(), forward, discount),
        model.price(),
        Implied.vol(quote.type(), quote.strike(), years, model.price(), forward, discount),
        model.delta(),
        hedgeError(cell.target(), quote, discount, years, model.delta()));
  }

  private double hedgeError(int at, Quote quote, double discount, double years, double delta) {
    if (at + 1 == market.history().snapshots().size()) {
      return Double.NaN;
    }
    Snapshot now = snapshot(at);
    Snapshot later = snapshot(at + 1);
    double then = laterPrice(at + 1, quote);
    double step = MarketTime.years(now.time(), later.time());
    double rate = -Math.log(discount) / years;
    double carried = rate * (quote.price() - delta * now.spot());
    double paid = market.terms().dividend() * delta * now.spot();
    return then - quote.price() - delta * (later.spot() - now.spot()) - (carried + paid) * step;
  }

  /** Of the same contract: its quote, or from the surface, which moves on while contracts stay. */
  private double laterPrice(int at, Quote quote) {
    Snapshot later = snapshot(at);
    if (market.history().kind() == Kind.QUOTES || later.time() >= quote.expires()) {
      return later.find(quote).map(Quote::price).orElse(Double.NaN);
    }
    if (nextOf != at) {
      next = new ImpliedSurface(later, market.terms());
      nextOf = at;
    }
    double years = MarketTime.years(later.time(), quote.expires());
    double forward = market.terms().forward(later.time(), later.spot(), quote.expires());
    double discount = market.terms().discount(later.time(), quote.expires());
    Option option = new Option(quote.type(), Option.Exercise.EUROPEAN, quote.strike(), years);
    return BlackScholes.price(
            option,
            later.spot(),
            -Math.log(discount) / years,
            market.terms().dividend(),
            next.vol(Math.log(quote.strike() / forward), years))
        .price();
  }

  private Snapshot snapshot(int time) {
    return market.history().snapshots().get(time);
  }
}
