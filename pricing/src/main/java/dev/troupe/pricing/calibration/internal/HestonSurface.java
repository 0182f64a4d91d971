package dev.troupe.pricing.calibration.internal;

import dev.troupe.pricing.analytic.Black;
import dev.troupe.pricing.analytic.ImpliedVolatility;
import dev.troupe.pricing.analytic.Normal;
import dev.troupe.pricing.calibration.VolQuote;
import dev.troupe.pricing.model.Heston;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Errors of Heston's implied volatilities at the quotes of a surface, with their gradients. */
public final class HestonSurface {

  /** How many parameters Heston's model has: v0, kappa, theta, sigma, rho. */
  public static final int PARAMETERS = 5;

  /**
   * Below this, in units of the forward, an option's price is more the integral's error than its
   * own.
   */
  private static final double SMALLEST = 1e-10;

  /** Quotes of one expiry. */
  private static final class Smile {
    final double expiry;
    final int[] places;
    final double[] logStrikes;

    Smile(double expiry, List<VolQuote> quotes, List<Integer> places) {
      this.expiry = expiry;
      this.places = places.stream().mapToInt(i -> i).toArray();
      this.logStrikes =
          places.stream()
              .mapToDouble(i -> Math.log(quotes.get(i).strike() / quotes.get(i).forward()))
              .toArray();
    }
  }

  private final List<VolQuote> quotes;
  private final List<Smile> smiles = new ArrayList<>();

  public HestonSurface(List<VolQuote> quotes) {
    this.quotes = List.copyOf(quotes);
    TreeMap<Double, List<Integer>> byExpiry = new TreeMap<>();
    for (int i = 0; i < quotes.size(); i++) {
      byExpiry.computeIfAbsent(quotes.get(i).expiry(), any -> new ArrayList<>()).add(i);
    }
    byExpiry.forEach((expiry, places) -> smiles.add(new Smile(expiry, quotes, places)));
  }

  /** How many quotes. */
  public int size() {
    return quotes.size();
  }

  /**
   * Model less market, in volatility.
   *
   * @param errors one a quote
   * @param gradients for each quote by v0, kappa, theta, sigma and rho
   */
  public void errors(Heston heston, double[] errors, double[][] gradients) {
    for (Smile smile : smiles) {
      double[][] prices = HestonSmile.outOfTheMoney(heston, smile.expiry, smile.logStrikes);
      for (int k = 0; k < prices.length; k++) {
        int place = smile.places[k];
        errors[place] = error(quotes.get(place), prices[k], gradients[place]);
      }
    }
  }

  private static double error(VolQuote quote, double[] price, double[] gradient) {
    double strike = quote.strike() / quote.forward();
    double root = Math.sqrt(quote.expiry());
    double market = quote.vol();
    double model;
    double vega;
    if (price[0] > SMALLEST && price[0] < Math.min(1, strike)) {
      model = ImpliedVolatility.deviation(price[0], 1, strike) / root;
      vega = vega(strike, model * root) * root;
    } else { // no volatility to speak of: along the tangent at the market's
      vega = Math.max(vega(strike, market * root) * root, SMALLEST);
      model = market + (price[0] - Black.timeValue(1, strike, market * root)) / vega;
    }
    for (int j = 0; j < PARAMETERS; j++) {
      gradient[j] = price[1 + j] / vega;
    }
    return model - market;
  }

  /** Of the undiscounted price over the forward, by deviation. */
  private static double vega(double strike, double deviation) {
    return Normal.pdf(-Math.log(strike) / deviation + deviation / 2);
  }
}
