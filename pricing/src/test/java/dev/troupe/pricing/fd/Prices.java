package dev.troupe.pricing.fd;

import dev.troupe.pricing.model.Heston;
import dev.troupe.pricing.model.HestonVasicek;
import dev.troupe.pricing.model.Option;
import dev.troupe.pricing.model.Option.Exercise;
import dev.troupe.pricing.model.Vasicek;
import java.util.Arrays;
import java.util.List;

/** Shorthand of these tests. */
final class Prices {
  /** Set R of the reference values. */
  static final Heston R = new Heston(.05, 2, .06, .4, -.6);

  static final Vasicek RATE = new Vasicek(.03, .2, .05, .015);

  private Prices() {}

  static FdModel heston(Heston heston, double rate) {
    return FdModel.heston(heston, ShortRate.flat(rate));
  }

  static FdModel black(double vol, double rate) {
    return FdModel.blackScholes(vol, ShortRate.flat(rate));
  }

  static FdModel full(double rhoSr, double rhoVr) {
    return FdModel.hestonVasicek(new HestonVasicek(R, RATE, rhoSr, rhoVr));
  }

  static List<Option> chain(Option.Type type, Exercise exercise, double expiry, double... strikes) {
    return Arrays.stream(strikes)
        .mapToObj(strike -> new Option(type, exercise, strike, expiry))
        .toList();
  }

  static double[] prices(FdSettings settings, FdModel model, Market market, List<Option> options) {
    return new FdPricer(settings)
        .price(model, market, options).stream().mapToDouble(FdResult::price).toArray();
  }

  static FdResult price(FdSettings settings, FdModel model, Market market, Option option) {
    return new FdPricer(settings).price(model, market, List.of(option)).get(0);
  }

  static double largest(double[] a, double[] b) {
    double largest = 0;
    for (int i = 0; i < a.length; i++) {
      largest = Math.max(largest, Math.abs(a[i] - b[i]));
    }
    return largest;
  }
}
