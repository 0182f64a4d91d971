package dev.troupe.pricing.fd.internal;

/**
 * The inner loops. A field of values is kept as rows, one small array for each pair of rate and
 * spot, along the variance: {@code field[rate * spots + spot][variance]}.
 *
 * <p>Rows are arrays of their own, not slices of one large array, and neighbours along a row are
 * first copied to the same index, for HotSpot makes vector code only of loops in which every array
 * is indexed alike: it cannot prove that two offsets into arrays do not overlap. Measured on {@code
 * a*up + b*here + c*down} over rows of 128: 0.20 ns an element by rows, 0.58 ns by offsets.
 */
final class Rows {
  private Rows() {}

  static double[][] field(int rows, int length) {
    return new double[rows][length];
  }

  /** Neighbours of each element on the left and right; 0 beyond the ends. */
  static void neighbours(double[] row, double[] left, double[] right) {
    System.arraycopy(row, 0, left, 1, row.length - 1);
    System.arraycopy(row, 1, right, 0, row.length - 1);
  }

  /** {@code out = a x + b y + c z}. */
  static void sum3(double[] out, double a, double[] x, double b, double[] y, double c, double[] z) {
    for (int j = 0; j < out.length; j++) {
      out[j] = a * x[j] + b * y[j] + c * z[j];
    }
  }

  /** {@code out += a x + b y + c z}. */
  static void add3(double[] out, double a, double[] x, double b, double[] y, double c, double[] z) {
    for (int j = 0; j < out.length; j++) {
      out[j] += a * x[j] + b * y[j] + c * z[j];
    }
  }

  /** {@code out += scale * (stencil applied along the row)}, given the row's neighbours. */
  static void addAlong(
      double[] out, double scale, Stencil s, double[] left, double[] here, double[] right) {
    double[] lower = s.lower;
    double[] centre = s.centre;
    double[] upper = s.upper;
    for (int j = 0; j < out.length; j++) {
      out[j] += scale * (lower[j] * left[j] + centre[j] * here[j] + upper[j] * right[j]);
    }
  }

  /** {@code out = the stencil applied along the row}. */
  static void along(double[] out, Stencil s, double[] left, double[] here, double[] right) {
    double[] lower = s.lower;
    double[] centre = s.centre;
    double[] upper = s.upper;
    for (int j = 0; j < out.length; j++) {
      out[j] = lower[j] * left[j] + centre[j] * here[j] + upper[j] * right[j];
    }
  }

  /** {@code out += c (a x + b y + d z)}, with a weight for each element. */
  static void addWeighted(
      double[] out, double[] c, double a, double[] x, double b, double[] y, double d, double[] z) {
    for (int j = 0; j < out.length; j++) {
      out[j] += c[j] * (a * x[j] + b * y[j] + d * z[j]);
    }
  }

  /** {@code out += c x}, element by element. */
  static void addProduct(double[] out, double[] c, double[] x) {
    for (int j = 0; j < out.length; j++) {
      out[j] += c[j] * x[j];
    }
  }

  /** {@code out += x}. */
  static void add(double[] out, double[] x) {
    for (int j = 0; j < out.length; j++) {
      out[j] += x[j];
    }
  }

  /** {@code out -= x}. */
  static void subtract(double[] out, double[] x) {
    for (int j = 0; j < out.length; j++) {
      out[j] -= x[j];
    }
  }

  /** {@code out = (out - a previous) m}: forward elimination with one factor for all lines. */
  static void eliminate(double[] out, double a, double[] previous, double m) {
    for (int j = 0; j < out.length; j++) {
      out[j] = (out[j] - a * previous[j]) * m;
    }
  }

  /** {@code out -= a next}: back substitution with one factor for all lines. */
  static void substitute(double[] out, double a, double[] next) {
    for (int j = 0; j < out.length; j++) {
      out[j] -= a * next[j];
    }
  }

  /** {@code out = (out + a c previous) m}: forward elimination, each line with its own factor. */
  static void eliminate(double[] out, double a, double[] c, double[] previous, double[] m) {
    for (int j = 0; j < out.length; j++) {
      out[j] = (out[j] + a * c[j] * previous[j]) * m[j];
    }
  }

  /**
   * Columns of {@code from} become rows of {@code to}; {@code from}'s rows begin at {@code first}.
   */
  static void gather(double[][] from, int first, double[][] to) {
    int rows = to[0].length;
    int i = 0;
    for (; i + 4 <= rows; i += 4) {
      double[] a = from[first + i];
      double[] b = from[first + i + 1];
      double[] c = from[first + i + 2];
      double[] d = from[first + i + 3];
      for (int j = 0; j < to.length; j++) {
        double[] target = to[j];
        target[i] = a[j];
        target[i + 1] = b[j];
        target[i + 2] = c[j];
        target[i + 3] = d[j];
      }
    }
    for (; i < rows; i++) {
      for (int j = 0; j < to.length; j++) {
        to[j][i] = from[first + i][j];
      }
    }
  }

  /** The way back from {@link #gather}. */
  static void scatter(double[][] from, double[][] to, int first) {
    int columns = from[0].length;
    int j = 0;
    for (; j + 4 <= from.length; j += 4) {
      double[] a = from[j];
      double[] b = from[j + 1];
      double[] c = from[j + 2];
      double[] d = from[j + 3];
      for (int i = 0; i < columns; i++) {
        double[] target = to[first + i];
        target[j] = a[i];
        target[j + 1] = b[i];
        target[j + 2] = c[i];
        target[j + 3] = d[i];
      }
    }
    for (; j < from.length; j++) {
      for (int i = 0; i < columns; i++) {
        to[first + i][j] = from[j][i];
      }
    }
  }
}
