package dev.troupe.pricing.fd.internal;

/** What the derivatives of a mesh become at an end of it; none needs a value from outside. */
enum Boundary {
  /** The equation has no derivative there, or we let none act: the value stays. */
  STILL,
  /** Straight: no second derivative, the first from two nodes. For far ends with inward drift. */
  LINEAR,
  /**
   * Diffusion vanishes and the drift points inward, as at variance 0: the equation itself holds,
   * with the first derivative from three nodes (second order). No value is imposed, so it serves
   * whether or not Feller's condition holds.
   */
  DEGENERATE
}
