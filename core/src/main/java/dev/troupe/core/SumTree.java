package dev.troupe.core;

import java.util.ArrayList;
import java.util.List;

/**
 * The canonical order of a sum over {@code leaves} summands: a binary tree in which node {@code
 * (level, index)} is the sum of {@code (level - 1, 2 * index)} and {@code (level - 1, 2 * index +
 * 1)}, the latter left out where it would begin beyond the last leaf. Floating-point addition is
 * not associative, so a run gives the same bits on any number of ranks only if all of them add
 * along one tree (design: elastic determinism).
 *
 * <p>A rank that holds a contiguous range of leaves can add up only whole subtrees of it: its
 * {@link #cover}. For a range that is aligned that is one node; the worst case is about {@code 2
 * log2(leaves)} nodes.
 *
 * @param leaves the number of summands (micro-batches of a global batch), at least 1
 */
public record SumTree(int leaves) {

  /**
   * A subtree.
   *
   * @param level 0 for a leaf
   * @param index position among the nodes of its level
   */
  public record Node(int level, int index) {

    /** The first leaf below this node. */
    public int firstLeaf() {
      return index << level;
    }

    /** One past the last leaf that this node could have; the tree may end before. */
    public int endLeaf() {
      return (index + 1) << level;
    }
  }

  /**
   * A half-open range of leaves.
   *
   * @param from first
   * @param to one past the last
   */
  public record Range(int from, int to) {
    public int length() {
      return to - from;
    }
  }

  public SumTree {
    if (leaves < 1 || leaves > 1 << 20) {
      throw new IllegalArgumentException("leaves: " + leaves + " (expected: 1 to 1048576)");
    }
  }

  /**
   * The leaves that {@code rank} of {@code size} holds: contiguous, as even as can be; may be empty
   * if size exceeds leaves.
   */
  public Range leavesOf(int rank, int size) {
    return new Range(
        (int) ((long) rank * leaves / size), (int) ((long) (rank + 1) * leaves / size));
  }

  /** The fewest subtrees that make up {@code range}, from left to right. */
  public List<Node> cover(Range range) {
    List<Node> nodes = new ArrayList<>();
    int at = range.from();
    while (at < range.to()) {
      int level = 0;
      while (fits(at, level + 1, range.to())) {
        level++;
      }
      nodes.add(new Node(level, at >> level));
      at = Math.min(nodes.get(nodes.size() - 1).endLeaf(), leaves);
    }
    return nodes;
  }

  /** The root. */
  public Node root() {
    int level = 0;
    while (1 << level < leaves) {
      level++;
    }
    return new Node(level, 0);
  }

  private boolean fits(int at, int level, int to) {
    int width = 1 << level;
    return width < 2 * leaves && at % width == 0 && Math.min(at + width, leaves) <= to;
  }
}
