package dev.troupe.pricing.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class ZeroCurveTest {

  /** The maturities that the U.S. Treasury publishes. */
  private static final double[] MATURITIES = {
    1 / 12.0, 2 / 12.0, 0.25, 0.5, 1, 2, 3, 5, 7, 10, 20, 30
  };

  /** 23 December 2015, in the shape of that day's curve: rising, flat at its long end. */
  private static final double[] RISING = {
    0.0018, 0.0019, 0.0022, 0.0051, 0.0067, 0.0101, 0.0133, 0.0174, 0.0207, 0.0227, 0.0263, 0.03
  };

  private static final double[] FALLING = {
    0.052, 0.0521, 0.0518, 0.051, 0.049, 0.0465, 0.046, 0.0458, 0.0459, 0.0463, 0.0485, 0.048
  };

  private static final double[] NEGATIVE = {
    -0.006, -0.006, -0.0065, -0.007, -0.0072, -0.007, -0.006, -0.004, -0.002, 0.001, 0.004, 0.005
  };

  private static double parYield(ZeroCurve curve, double maturity) {
    if (maturity <= 0.5) {
      return (1 / curve.discount(maturity) - 1) / maturity;
    }
    double annuity = 0;
    for (int i = 1; i <= Math.round(2 * maturity); i++) {
      annuity += curve.discount(0.5 * i) / 2;
    }
    return (1 - curve.discount(maturity)) / annuity;
  }

  @Test
  void pricesTheBondsItWasMadeOf() {
    for (double[] yields : new double[][] {RISING, FALLING, NEGATIVE}) {
      ZeroCurve curve = ZeroCurve.fromParYields(MATURITIES, yields);
      assertThat(curve.discount(0)).isEqualTo(1);
      for (int i = 0; i < yields.length; i++) {
        assertThat(parYield(curve, MATURITIES[i])).isCloseTo(yields[i], within(1e-12));
      }
    }
  }

  @Property
  void aFlatCurveIsFlat(@ForAll @DoubleRange(min = 0, max = 0.2) double yield) {
    double[] maturities = {0.5, 1, 2, 5, 10, 30};
    double[] yields = {yield, yield, yield, yield, yield, yield};
    ZeroCurve curve = ZeroCurve.fromParYields(maturities, yields);
    double continuous = 2 * Math.log1p(yield / 2);
    for (double t : new double[] {0.1, 0.5, 3.3, 17, 40}) {
      assertThat(curve.zeroRate(t)).isCloseTo(continuous, within(1e-12));
      assertThat(curve.forwardRate(t)).isCloseTo(continuous, within(1e-10));
    }
  }

  @Test
  void bondsBecomeCheaperWithMaturityAndForwardsAreTheirSlopes() {
    ZeroCurve curve = ZeroCurve.fromParYields(MATURITIES, RISING);
    double h = 1e-5;
    for (double t = 0.01; t < 35; t += 0.01) {
      assertThat(curve.discount(t)).isLessThan(curve.discount(t - 0.01));
      double slope = Math.log(curve.discount(t - h) / curve.discount(t + h)) / (2 * h);
      assertThat(curve.forwardRate(t)).isCloseTo(slope, within(1e-5));
    }
  }

  @Test
  void refusesWhatIsNoCurve() {
    assertThatThrownBy(
            () -> ZeroCurve.fromParYields(new double[] {1, 2}, new double[] {0.01, Double.NaN}))
        .hasMessage(
            "yields[1]: NaN (expected: a yield a year, 0.05 for 5 %; leave out what is missing)");
    assertThatThrownBy(
            () -> ZeroCurve.fromParYields(new double[] {2, 1}, new double[] {0.01, 0.01}))
        .hasMessage("maturities[1]: 1.0 (expected: > 2.0)");
    assertThatThrownBy(
            () -> ZeroCurve.fromParYields(new double[] {1, 2.3}, new double[] {0.01, 0.01}))
        .hasMessage("maturities[1]: 2.3 (expected: a whole number of half years)");
    assertThatThrownBy(() -> ZeroCurve.fromParYields(new double[0], new double[0]))
        .hasMessageStartingWith("maturities: 0 (expected: as many as yields");
  }
}
