package dev.troupe.pricing.backtest.internal;

import java.util.ArrayList;
import java.util.List;

/** Of all items that are added, at most so many, evenly: every first, second, fourth, ... */
final class Thinned<T> {

  private final int most;
  private final List<T> kept = new ArrayList<>();
  private long seen;
  private long stride = 1;

  /**
   * @param most items that are kept, at least 2
   */
  Thinned(int most) {
    this.most = most;
  }

  void add(T item) {
    if (seen++ % stride != 0) {
      return;
    }
    if (kept.size() == most) { // leave every second one out and go on with half as many
      for (int i = 0; 2 * i < most; i++) {
        kept.set(i, kept.get(2 * i));
      }
      kept.subList((most + 1) / 2, most).clear();
      stride *= 2;
      if ((seen - 1) % stride != 0) {
        return;
      }
    }
    kept.add(item);
  }

  List<T> items() {
    return kept;
  }
}
