package dev.troupe.tensor;

/** The learning rate of each step. */
@FunctionalInterface
public interface Schedule {

  /** The rate of step {@code step}, from 0. */
  double rate(long step);

  /** Always {@code peak}. */
  static Schedule constant(double peak) {
    return step -> peak;
  }

  /** {@code schedule} scaled up linearly over its first {@code steps}: (step + 1) / steps of it. */
  static Schedule warmUp(long steps, Schedule schedule) {
    return step -> step < steps ? schedule.rate(step) * (step + 1) / steps : schedule.rate(step);
  }

  /** From {@code peak} linearly to {@code floor} over {@code steps}, then constant. */
  static Schedule linear(double peak, double floor, long steps) {
    return step -> floor + (peak - floor) * (1 - Math.min(1.0, (double) step / steps));
  }

  /**
   * From {@code peak} along half a cosine to {@code floor} over {@code steps}, then constant
   * (Loshchilov and Hutter, "SGDR", 2017, equation 5).
   */
  static Schedule cosine(double peak, double floor, long steps) {
    return step ->
        floor
            + (peak - floor)
                * 0.5
                * (1 + StrictMath.cos(Math.PI * Math.min(1.0, (double) step / steps)));
  }
}
