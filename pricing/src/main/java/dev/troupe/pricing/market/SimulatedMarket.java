package dev.troupe.pricing.market;

import dev.troupe.pricing.analytic.VasicekBond;
import dev.troupe.pricing.fd.FdModel;
import dev.troupe.pricing.fd.FdPricer;
import dev.troupe.pricing.fd.FdResult;
import dev.troupe.pricing.fd.FdSettings;
import dev.troupe.pricing.fd.Market;
import dev.troupe.pricing.model.Heston;
import dev.troupe.pricing.model.HestonVasicek;
import dev.troupe.pricing.model.Option;
import dev.troupe.pricing.model.Vasicek;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A market whose truth is known: spot, variance and short rate move as Heston and Vasicek say, with
 * all three correlations, and options cost what the pricing equation gives, but for noise. Moves
 * are Euler's, many a day, with the variance cut at 0. The same seed gives the same market.
 *
 * @param truth the model; its {@code v0} and {@code r0} are those of the first day
 * @param dividend yield a year
 * @param noise of a price's middle, standard deviation, as a part of half its spread
 * @param seed of all that is random
 */
public record SimulatedMarket(HestonVasicek truth, double dividend, double noise, long seed) {

  private static final int MOVES_A_DAY = 16;
  private static final double FIRST_SPOT = 100;
  private static final LocalDate FIRST_DAY = LocalDate.of(2024, 1, 2);
  private static final int[] TENORS = {30, 60, 120, 240};
  private static final double[] MONEYNESSES = {0.85, 0.9, 0.95, 1, 1.05, 1.1, 1.15};
  private static final double[] YIELDS = {0.25, 0.5, 1, 2, 5};
  private static final double SPREAD = 0.02;
  private static final double LEAST_SPREAD = 0.02;

  /** A market like that of a stock index in a lively year. */
  public static SimulatedMarket usual(long seed) {
    return new SimulatedMarket(
        new HestonVasicek(
            new Heston(0.04, 2, 0.05, 0.5, -0.7), new Vasicek(0.03, 0.5, 0.04, 0.02), 0.2, 0.1),
        0.01,
        0.5,
        seed);
  }

  /** Where the market is on a day. */
  private record State(long time, double spot, double variance, double rate) {}

  /**
   * Quotes of so many trading days, and yields of those and of {@code before} more. Contracts go on
   * from day to day: expiries every 30 days, strikes at multiples of 5.
   */
  public MarketData quotes(int days, int before) {
    List<State> states = path(days + before);
    FdPricer pricer = new FdPricer(FdSettings.DEFAULT.to(1e-4 * FIRST_SPOT));
    Random noises = new Random(seed + 1);
    List<Snapshot> snapshots = new ArrayList<>();
    for (State state : states.subList(before, states.size())) {
      List<Quote> quotes = new ArrayList<>();
      for (long expires : expiries(state)) {
        quotes.addAll(chain(pricer, state, expires, noises));
      }
      quotes.sort(Quote.ORDER);
      snapshots.add(new Snapshot(state.time(), state.spot(), quotes));
    }
    MarketHistory history = new MarketHistory(MarketHistory.Kind.QUOTES, snapshots);
    return new MarketData(history, new Terms(rates(states), dividend));
  }

  private List<State> path(int days) {
    Random random = new Random(seed);
    List<State> states = new ArrayList<>();
    Heston heston = truth.variance();
    double spot = FIRST_SPOT;
    double variance = heston.v0();
    double rate = truth.rate().r0();
    LocalDate day = FIRST_DAY;
    long time = MarketTime.parse(day.toString());
    for (int n = 0; n < days; n++) {
      states.add(new State(time, spot, Math.max(variance, 0), rate));
      day = next(day);
      long then = MarketTime.parse(day.toString());
      double step = MarketTime.years(time, then) / MOVES_A_DAY;
      for (int move = 0; move < MOVES_A_DAY; move++) {
        double[] z = correlated(random);
        double positive = Math.max(variance, 0);
        double deviation = Math.sqrt(positive * step);
        spot *= Math.exp((rate - dividend - positive / 2) * step + deviation * z[0]);
        variance +=
            heston.kappa() * (heston.theta() - positive) * step + heston.sigma() * deviation * z[1];
        rate +=
            truth.rate().speed() * (truth.rate().mean() - rate) * step
                + truth.rate().vol() * Math.sqrt(step) * z[2];
      }
      time = then;
    }
    return states;
  }

  private static LocalDate next(LocalDate day) {
    return day.plusDays(day.getDayOfWeek() == DayOfWeek.FRIDAY ? 3 : 1);
  }

  /** Normal variates of spot, variance and rate, by Cholesky's factor. */
  private double[] correlated(Random random) {
    double rho = truth.variance().rho();
    double orthogonal = Math.sqrt(1 - rho * rho);
    double shared = (truth.rhoVr() - rho * truth.rhoSr()) / orthogonal;
    double own = Math.sqrt(Math.max(0, 1 - truth.rhoSr() * truth.rhoSr() - shared * shared));
    double a = random.nextGaussian();
    double b = random.nextGaussian();
    double c = random.nextGaussian();
    return new double[] {a, rho * a + orthogonal * b, truth.rhoSr() * a + shared * b + own * c};
  }

  /** The first multiple of 30 days, counted from the first day, after each tenor. */
  private static List<Long> expiries(State state) {
    long month = 30 * MarketTime.SECONDS_A_DAY;
    long first = MarketTime.parse(FIRST_DAY.toString());
    List<Long> expiries = new ArrayList<>();
    for (int tenor : TENORS) {
      long from = state.time() + tenor * MarketTime.SECONDS_A_DAY - month / 2;
      expiries.add(first + Math.floorDiv(from - first + month - 1, month) * month);
    }
    return expiries;
  }

  private List<Quote> chain(FdPricer pricer, State state, long expires, Random noises) {
    Heston h = truth.variance();
    Vasicek r = truth.rate();
    FdModel model =
        FdModel.hestonVasicek(
            new HestonVasicek(
                new Heston(state.variance(), h.kappa(), h.theta(), h.sigma(), h.rho()),
                new Vasicek(state.rate(), r.speed(), r.mean(), r.vol()),
                truth.rhoSr(),
                truth.rhoVr()));
    List<Option> options = new ArrayList<>();
    for (double moneyness : MONEYNESSES) {
      double strike = 5 * Math.rint(moneyness * state.spot() / 5);
      for (Option.Type type : Option.Type.values()) {
        Option option =
            new Option(
                type, Option.Exercise.EUROPEAN, strike, MarketTime.years(state.time(), expires));
        if (!options.contains(option)) {
          options.add(option);
        }
      }
    }
    List<Quote> quotes = new ArrayList<>();
    for (FdResult result : pricer.price(model, new Market(state.spot(), dividend), options)) {
      double half = Math.max(LEAST_SPREAD, SPREAD * result.price()) / 2;
      double middle = result.price() + noise * half * noises.nextGaussian();
      double bid = Math.max(0, middle - half);
      quotes.add(
          Quote.of(result.option().type(), result.option().strike(), expires, bid, middle + half));
    }
    return quotes;
  }

  /** Par yields of Vasicek's bonds. */
  private RateHistory rates(List<State> states) {
    double[][] yields = new double[states.size()][YIELDS.length];
    for (int day = 0; day < yields.length; day++) {
      Vasicek r = truth.rate();
      Vasicek now = new Vasicek(states.get(day).rate(), r.speed(), r.mean(), r.vol());
      for (int i = 0; i < YIELDS.length; i++) {
        yields[day][i] = parYield(now, YIELDS[i]);
      }
    }
    return RateHistory.of(states.stream().mapToLong(State::time).toArray(), YIELDS, yields);
  }

  private static double parYield(Vasicek rate, double maturity) {
    double last = VasicekBond.price(rate, maturity);
    if (maturity <= 0.5) {
      return (1 / last - 1) / maturity;
    }
    double annuity = 0;
    for (double t = 0.5; t <= maturity; t += 0.5) {
      annuity += VasicekBond.price(rate, t);
    }
    return 2 * (1 - last) / annuity;
  }
}
