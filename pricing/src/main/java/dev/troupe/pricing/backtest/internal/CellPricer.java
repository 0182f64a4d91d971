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
import dev.troupe.pricing.model.Heston;
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
      Greeks greeks = priced.get(i);
      double fairDelta = fairDelta(cell.model(), view, greeks);
      compared.add(compare(cell, target, quotes.get(i), greeks, fairDelta));
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

  /**
   * The number of shares against which an option varies least under the model, {@code delta + rho
   * sigma / S dV/dv} (S. Heston's model; G. Bakshi, C. Cao and Z. Chen, 1997, section 3): spot and
   * variance move together, and shares can hedge that part of it. What the rate adds is left out.
   */
  private static double fairDelta(Model model, View view, Greeks greeks) {
    if (model != Model.HESTON && model != Model.HESTON_VASICEK) {
      return greeks.delta();
    }
    Heston heston = view.scenario().of(view.fit().heston().orElseThrow());
    if (heston.v0() == 0) {
      return greeks.delta();
    }
    double byVariance = greeks.vega() / (2 * Math.sqrt(heston.v0())); // vega is by its root
    return greeks.delta() + heston.rho() * heston.sigma() / view.spot() * byVariance;
  }

  private PricedQuote compare(
      Cell cell, Snapshot target, Quote quote, Greeks model, double fairDelta) {
    double years = MarketTime.years(target.time(), quote.expires());
    double forward = market.terms().forward(target.time(), target.spot(), quote.expires());
    double discount = market.terms().discount(target.time(), quote.expires());
    double later = laterPrice(cell.target() + 1, quote);
    double rate = -Math.log(discount) / years;
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
        hedgeError(cell.target(), quote, later, rate, model.delta()),
        fairDelta,
        hedgeError(cell.target(), quote, later, rate, fairDelta));
  }

  /**
   * What a hedged option gains to the next time.
   *
   * @param later its price then; NaN if it has none
   */
  private double hedgeError(int at, Quote quote, double later, double rate, double delta) {
    if (Double.isNaN(later)) {
      return Double.NaN;
    }
    Snapshot now = snapshot(at);
    Snapshot next = snapshot(at + 1);
    double step = MarketTime.years(now.time(), next.time());
    double carried = rate * (quote.price() - delta * now.spot());
    double paid = market.terms().dividend() * delta * now.spot();
    return later - quote.price() - delta * (next.spot() - now.spot()) - (carried + paid) * step;
  }

  /** Of the same contract: its quote, or from the surface, which moves on while contracts stay. */
  private double laterPrice(int at, Quote quote) {
    if (at == market.history().snapshots().size()) {
      return Double.NaN;
    }
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
