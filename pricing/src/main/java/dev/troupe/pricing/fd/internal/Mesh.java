package dev.troupe.pricing.fd.internal;

/**
 * Nodes of one axis, ascending, with weights of the first and second derivative: central
 * differences inside, of second order on meshes from a smooth map, and a {@link Boundary} at each
 * end. A mesh of one node has no derivatives.
 */
final class Mesh {
  private final double[] nodes;
  private final Stencil first;
  private final Stencil second;

  /**
   * @param nodes ascending
   */
  Mesh(double[] nodes, Boundary low, Boundary high) {
    this.nodes = nodes;
    first = new Stencil(nodes.length);
    second = new Stencil(nodes.length);
    for (int i = 1; i < nodes.length - 1; i++) {
      interior(i);
    }
    if (nodes.length > 2) {
      low(low);
      high(high);
    }
  }

  int size() {
    return nodes.length;
  }

  double node(int i) {
    return nodes[i];
  }

  /** Weights of the first derivative. */
  Stencil first() {
    return first;
  }

  /** Weights of the second derivative. */
  Stencil second() {
    return second;
  }

  private void interior(int i) {
    double down = nodes[i] - nodes[i - 1];
    double up = nodes[i + 1] - nodes[i];
    first.lower[i] = -up / (down * (down + up));
    first.centre[i] = (up - down) / (down * up);
    first.upper[i] = down / (up * (down + up));
    second.lower[i] = 2 / (down * (down + up));
    second.centre[i] = -2 / (down * up);
    second.upper[i] = 2 / (up * (down + up));
  }

  private void low(Boundary boundary) {
    double near = nodes[1] - nodes[0];
    double next = nodes[2] - nodes[1];
    switch (boundary) {
      case STILL -> {}
      case LINEAR -> {
        first.centre[0] = -1 / near;
        first.upper[0] = 1 / near;
      }
      case DEGENERATE -> {
        first.centre[0] = -(2 * near + next) / (near * (near + next));
        first.upper[0] = (near + next) / (near * next);
        first.far = -near / (next * (near + next));
      }
    }
  }

  private void high(Boundary boundary) {
    int last = nodes.length - 1;
    if (boundary == Boundary.DEGENERATE) {
      throw new IllegalArgumentException("high: DEGENERATE (expected: STILL or LINEAR)");
    }
    if (boundary == Boundary.LINEAR) {
      double near = nodes[last] - nodes[last - 1];
      first.lower[last] = -1 / near;
      first.centre[last] = 1 / near;
    }
  }
}
