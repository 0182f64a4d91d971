package dev.troupe.collective.internal;

import dev.troupe.core.SumTree;
import dev.troupe.core.SumTree.Node;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;

/**
 * A subtree of a {@link SumTree} and how to add it up from inputs: a program for a stack machine in
 * postfix order. Only siblings are ever added, so a host may merge what its ranks hold before it
 * sends it on without leaving the canonical order.
 *
 * @param node what the program computes
 * @param steps the index of an input to push, or {@link #ADD}
 */
record Merge(Node node, List<Integer> steps) {
  /** Adds the two topmost values. */
  static final int ADD = -1;

  /**
   * Merges subtrees as far as they are siblings. One merge remains, the root, if they make up the
   * whole tree.
   *
   * @param nodes disjoint, from left to right; the index of one is its input's
   */
  static List<Merge> all(SumTree tree, List<Node> nodes) {
    Deque<Merge> stack = new ArrayDeque<>();
    for (int input = 0; input < nodes.size(); input++) {
      Merge top = new Merge(raise(tree, nodes.get(input)), List.of(input));
      while (!stack.isEmpty() && siblings(stack.peek().node(), top.node())) {
        top = stack.pop().plus(tree, top);
      }
      stack.push(top);
    }
    List<Merge> merges = new ArrayList<>(stack);
    Collections.reverse(merges);
    return merges;
  }

  /** Without merging: each node as it is. */
  static List<Merge> none(List<Node> nodes) {
    List<Merge> merges = new ArrayList<>();
    for (int input = 0; input < nodes.size(); input++) {
      merges.add(new Merge(nodes.get(input), List.of(input)));
    }
    return merges;
  }

  /** Whether the value is an input, with nothing to add. */
  boolean isInput() {
    return steps.size() == 1;
  }

  private Merge plus(SumTree tree, Merge right) {
    List<Integer> both = new ArrayList<>(steps);
    both.addAll(right.steps);
    both.add(ADD);
    return new Merge(raise(tree, new Node(node.level() + 1, node.index() / 2)), both);
  }

  /** Up to the highest node with the same sum: one without a right sibling equals its parent. */
  private static Node raise(SumTree tree, Node node) {
    Node at = node;
    while (at.index() % 2 == 0
        && at.endLeaf() >= tree.leaves()
        && at.level() < tree.root().level()) {
      at = new Node(at.level() + 1, at.index() / 2);
    }
    return at;
  }

  private static boolean siblings(Node left, Node right) {
    return left.level() == right.level()
        && left.index() % 2 == 0
        && right.index() == left.index() + 1;
  }
}
