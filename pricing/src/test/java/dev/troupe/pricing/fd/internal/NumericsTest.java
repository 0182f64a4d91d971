package dev.troupe.pricing.fd.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.pricing.analytic.Normal;
import dev.troupe.pricing.fd.ShortRate;
import dev.troupe.pricing.model.Heston;
import org.junit.jupiter.api.Test;

/** The parts: meshes, stencils, lines, interpolation. */
class NumericsTest {

  @Test
  void theStrikeLiesMidwayBetweenNodesAndHalvingIsExact() {
    Mesh coarse = Mesher.spot(40, .2, 1);
    Mesh fine = Mesher.spot(80, .2, 1);
    assertThat(coarse.node(0)).isZero();
    int above = 0;
    while (coarse.node(above) < 1) {
      above++;
    }
    assertThat(coarse.node(above) - 1).isCloseTo(1 - coarse.node(above - 1), within(1e-14));
    double coarseStep = asinh((coarse.node(above) - 1) / .2);
    int fineAbove = 0;
    while (fine.node(fineAbove) < 1) {
      fineAbove++;
    }
    assertThat(asinh((fine.node(fineAbove) - 1) / .2)).isCloseTo(coarseStep / 2, within(1e-14));
  }

  @Test
  void theVarianceMeshBeginsAtZeroAndPassesWhatIsLikely() {
    Mesh mesh = Mesher.variance(24, new Heston(.04, .5, .04, 1, -.9), 10);
    assertThat(mesh.node(0)).isZero();
    for (int j = 1; j < mesh.size(); j++) {
      assertThat(mesh.node(j)).isGreaterThan(mesh.node(j - 1));
    }
    assertThat(mesh.node(mesh.size() - 1)).isGreaterThan(1);
  }

  /** The nodes of QuantLib's own test of its variance mesher. */
  @Test
  void quantilesOfVarianceAreQuantLibs() {
    Mesh mesh = QuantileMesher.variance(4, new Heston(.09, 1, .09, .2, -.5), 1);
    double[] expected = {0, .06652314, .09, .1095781, .2563610};
    assertThat(mesh.size()).isEqualTo(expected.length);
    for (int j = 0; j < expected.length; j++) {
      assertThat(mesh.node(j)).isCloseTo(expected[j], within(1e-6));
    }
  }

  /** Laws by the reflected formula for one degree of freedom, and central ones by the gamma law. */
  @Test
  void nonCentralChiSquare() {
    NonCentralChiSquare one = new NonCentralChiSquare(1, 9);
    for (double x : new double[] {.5, 4, 9, 25, 60}) {
      double root = Math.sqrt(x);
      double expected = Normal.cdf(root - 3) - Normal.cdf(-root - 3);
      assertThat(one.cumulative(x)).isCloseTo(expected, within(1e-13));
      assertThat(one.quantile(one.cumulative(x))).isCloseTo(x, within(1e-4));
    }
    assertThat(new NonCentralChiSquare(2, 0).cumulative(3))
        .isCloseTo(1 - Math.exp(-1.5), within(1e-14));
    assertThat(new NonCentralChiSquare(.3, 4000).cumulative(4100)).isBetween(.7, .85);
  }

  @Test
  void quantilesOfTheRateAreSymmetric() {
    Mesh mesh = QuantileMesher.rate(8, ShortRate.hullWhite(t -> 1, .2, .015), 1);
    assertThat(mesh.size()).isEqualTo(9);
    assertThat(mesh.node(4)).isZero();
    for (int k = 0; k < 4; k++) {
      assertThat(mesh.node(k)).isLessThan(mesh.node(k + 1)).isEqualTo(-mesh.node(8 - k));
    }
  }

  @Test
  void stencilsAreExactForParabolas() {
    Mesh mesh = Mesher.variance(16, new Heston(.05, 2, .06, .4, -.6), 1);
    for (int j = 0; j < mesh.size() - 1; j++) {
      assertThat(apply(mesh.first(), mesh, j)).isCloseTo(2 * mesh.node(j) + 3, within(1e-10));
      if (j > 0) {
        assertThat(apply(mesh.second(), mesh, j)).isCloseTo(2, within(1e-8));
      }
    }
  }

  /** The stencil on {@code x^2 + 3 x}. */
  private static double apply(Stencil s, Mesh mesh, int j) {
    double sum = s.centre[j] * parabola(mesh.node(j)) + s.upper[j] * parabola(mesh.node(j + 1));
    return j == 0
        ? sum + s.far * parabola(mesh.node(2))
        : sum + s.lower[j] * parabola(mesh.node(j - 1));
  }

  private static double parabola(double x) {
    return x * x + 3 * x;
  }

  @Test
  void linesSolveTheirOwnMatrix() {
    Mesh mesh = Mesher.variance(12, new Heston(.05, 2, .06, .4, -.6), 1);
    int size = mesh.size();
    Stencil a = new Stencil(size);
    for (int j = 0; j < size; j++) {
      double v = mesh.node(j);
      a.combine(j, 2 * (.06 - v), mesh.first(), .08 * v, mesh.second());
    }
    double[][] expected = Rows.field(size, 2);
    double[][] x = Rows.field(size, 2);
    for (int j = 0; j < size; j++) {
      expected[j][0] = Math.sin(j);
      expected[j][1] = 1 - j * j;
    }
    double weight = .3;
    for (int j = 0; j < size; j++) {
      for (int line = 0; line < 2; line++) {
        double sum = a.centre[j] * expected[j][line];
        sum += j > 0 ? a.lower[j] * expected[j - 1][line] : a.far * expected[2][line];
        sum += j < size - 1 ? a.upper[j] * expected[j + 1][line] : 0;
        x[j][line] = expected[j][line] - weight * sum;
      }
    }
    Tridiagonal lines = new Tridiagonal(size);
    lines.factor(weight, a);
    lines.solve(x, 0, 1);
    for (int j = 0; j < size; j++) {
      assertThat(x[j]).containsExactly(expected[j], within(1e-11));
    }
  }

  @Test
  void interpolationIsExactForPolynomials() {
    Mesh mesh = Mesher.spot(20, .3, 1);
    double[] values = new double[mesh.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.pow(mesh.node(i), 4);
    }
    for (double x : new double[] {0, .37, 1, 1.4, mesh.node(mesh.size() - 1)}) {
      Interpolation at = Interpolation.at(x, mesh, 6);
      double scale = 1 + x * x * x * x;
      assertThat(at.apply(0, values)).isCloseTo(Math.pow(x, 4), within(1e-10 * scale));
      assertThat(at.apply(1, values)).isCloseTo(4 * Math.pow(x, 3), within(1e-9 * scale));
      assertThat(at.apply(2, values)).isCloseTo(12 * x * x, within(1e-8 * scale));
    }
  }

  @Test
  void columnsGoThereAndBack() {
    double[][] rows = Rows.field(11, 7);
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < rows[i].length; j++) {
        rows[i][j] = 10 * i + j;
      }
    }
    double[][] columns = Rows.field(7, 9);
    Rows.gather(rows, 2, columns);
    assertThat(columns[3]).containsExactly(23, 33, 43, 53, 63, 73, 83, 93, 103);
    double[][] back = Rows.field(11, 7);
    Rows.scatter(columns, back, 2);
    assertThat(back[1]).containsOnly(0);
    assertThat(back[2]).isEqualTo(rows[2]);
    assertThat(back[10]).isEqualTo(rows[10]);
  }

  private static double asinh(double x) {
    return Math.log(x + Math.sqrt(x * x + 1));
  }
}
