package dev.troupe.pricing.analytic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Scale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NormalTest {

  /** From mpmath at 40 digits. */
  @ParameterizedTest
  @CsvSource({
    "-37, 5.7255712225245768227e-300",
    "-20, 2.7536241186062336951e-89",
    "-8.3, 5.2055697448902540246e-17",
    "-5.7, 5.9903714010635281878e-9",
    "-5.6, 1.071759025831092932e-8",
    "-3, 0.0013498980316300945267",
    "-1, 0.15865525393145705141",
    "-0.67, 0.25142889509531010155",
    "-0.66, 0.25462691467133613764",
    "-0.1, 0.46017216272297101633",
    "0, 0.5",
    "0.3, 0.61791142218895263307",
    "0.67, 0.74857110490468989845",
    "2, 0.9772498680518207928",
    "6, 0.99999999901341235496"
  })
  void cdfKeepsItsDigitsInBothTails(double x, double expected) {
    assertThat(Normal.cdf(x)).isCloseTo(expected, within(4e-15 * expected));
  }

  @Property
  void quantileUndoesCdf(@ForAll @Scale(10) @DoubleRange(min = -37, max = 8) double x) {
    double conditioning = x > 0 ? 4e-16 / Normal.pdf(x) : 0; // 1 - p has lost the digits
    assertThat(Normal.quantile(Normal.cdf(x)))
        .isCloseTo(x, within(1e-14 * Math.max(1, Math.abs(x)) + conditioning));
  }

  @Property
  void millsIsTheQuotient(@ForAll @Scale(10) @DoubleRange(min = -37, max = 30) double x) {
    double quotient = Normal.cdf(x) / Normal.pdf(x);
    assertThat(Normal.mills(x)).isCloseTo(quotient, within(1e-14 * quotient));
  }

  @ParameterizedTest
  @CsvSource({"0, -Infinity", "1, Infinity", "0.5, 0"})
  void quantileOfTheEnds(double p, double expected) {
    assertThat(Normal.quantile(p)).isCloseTo(expected, within(1e-16));
  }

  @ParameterizedTest
  @CsvSource({"-0.1", "1.1", "NaN"})
  void refusesWhatIsNoProbability(double p) {
    assertThatThrownBy(() -> Normal.quantile(p))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("p: " + p + " (expected: in [0, 1])");
  }
}
