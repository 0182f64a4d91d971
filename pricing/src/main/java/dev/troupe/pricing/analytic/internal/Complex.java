package dev.troupe.pricing.analytic.internal;

/** A complex number. */
public record Complex(double re, double im) {

  public static final Complex ONE = new Complex(1, 0);

  public static Complex of(double re) {
    return new Complex(re, 0);
  }

  public Complex plus(Complex other) {
    return new Complex(re + other.re, im + other.im);
  }

  public Complex plus(double other) {
    return new Complex(re + other, im);
  }

  public Complex minus(Complex other) {
    return new Complex(re - other.re, im - other.im);
  }

  public Complex times(Complex other) {
    return new Complex(re * other.re - im * other.im, re * other.im + im * other.re);
  }

  public Complex times(double factor) {
    return new Complex(re * factor, im * factor);
  }

  public Complex negative() {
    return new Complex(-re, -im);
  }

  public Complex over(Complex other) {
    double norm = other.re * other.re + other.im * other.im;
    return new Complex(
        (re * other.re + im * other.im) / norm, (im * other.re - re * other.im) / norm);
  }

  public Complex squared() {
    return new Complex((re - im) * (re + im), 2 * re * im);
  }

  public double abs() {
    return Math.hypot(re, im);
  }

  /** The root in the right half-plane. */
  public Complex sqrt() {
    double abs = abs();
    if (abs == 0) {
      return new Complex(0, im);
    }
    double root = Math.sqrt((Math.abs(re) + abs) / 2);
    return re >= 0
        ? new Complex(root, im / (2 * root))
        : new Complex(Math.abs(im) / (2 * root), Math.copySign(root, im));
  }

  public Complex exp() {
    double size = Math.exp(re);
    return new Complex(size * Math.cos(im), size * Math.sin(im));
  }

  /** {@code exp(z) - 1}, with all digits for a small {@code z}. */
  public Complex expm1() {
    double half = Math.sin(im / 2);
    return new Complex(
        Math.expm1(re) * Math.cos(im) - 2 * half * half, Math.exp(re) * Math.sin(im));
  }

  /** The principal {@code ln(1 + z)}, with all digits for a small {@code z}. */
  public Complex log1p() {
    return new Complex(0.5 * Math.log1p(re * (2 + re) + im * im), Math.atan2(im, 1 + re));
  }
}
