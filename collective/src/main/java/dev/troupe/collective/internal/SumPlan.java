package dev.troupe.collective.internal;

import dev.troupe.core.DType;
import dev.troupe.core.SumTree;
import dev.troupe.core.SumTree.Node;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Who adds what in a sum over a tree, seen from one rank.
 *
 * @param parts what the ranks of this host hold, from left to right in the tree
 * @param outgoing what this host sends for a slice whose owner is elsewhere: its parts, in F32
 *     merged as far as they are siblings (in BF16 a merged value would be rounded twice)
 * @param inputs the summands of this rank's own slice, from left to right
 * @param sum how those are added
 * @param summandsFrom how many of them come from each rank of another host
 * @param mostParts the most parts that any rank of the gang holds
 */
record SumPlan(
    List<Part> parts,
    List<Merge> outgoing,
    List<Input> inputs,
    Merge sum,
    List<Integer> summandsFrom,
    int mostParts) {

  /** A subtree's sum that a rank of some host holds: the {@code index}-th of its parts. */
  record Part(Node node, int rank, int index) {}

  /**
   * A summand of the own slice.
   *
   * @param peer the rank of another host that sends it, or {@link #HERE}
   * @param index the node that it sends, or an index into {@link SumPlan#parts}
   */
  record Input(Node node, int peer, int index) {
    static final int HERE = -1;
  }

  static SumPlan of(SumTree tree, DType type, Groups groups, int rank) {
    int size = groups.groupOf().size();
    List<Input> inputs = new ArrayList<>();
    Integer[] summandsFrom = new Integer[size];
    Arrays.fill(summandsFrom, 0);
    for (List<Integer> group : groups.groups()) {
      List<Part> held = parts(tree, group, size);
      if (group.contains(rank)) {
        for (int i = 0; i < held.size(); i++) {
          inputs.add(new Input(held.get(i).node(), Input.HERE, i));
        }
      } else {
        int agent = groups.agent(rank, group.get(0));
        List<Merge> sent = merge(tree, held, type);
        summandsFrom[agent] = sent.size();
        for (int i = 0; i < sent.size(); i++) {
          inputs.add(new Input(sent.get(i).node(), agent, i));
        }
      }
    }
    inputs.sort(Comparator.comparingInt(input -> input.node().firstLeaf()));
    List<Part> parts = parts(tree, groups.membersWith(rank), size);
    List<Merge> sum = Merge.all(tree, inputs.stream().map(Input::node).toList());
    if (sum.size() != 1) {
      throw new IllegalStateException("the parts of " + tree + " do not make up the tree: " + sum);
    }
    return new SumPlan(
        parts,
        merge(tree, parts, type),
        inputs,
        sum.get(0),
        List.of(summandsFrom),
        most(tree, size));
  }

  private static List<Part> parts(SumTree tree, List<Integer> ranks, int size) {
    List<Part> parts = new ArrayList<>();
    for (int rank : ranks) {
      List<Node> cover = tree.cover(tree.leavesOf(rank, size));
      for (int i = 0; i < cover.size(); i++) {
        parts.add(new Part(cover.get(i), rank, i));
      }
    }
    parts.sort(Comparator.comparingInt(part -> part.node().firstLeaf()));
    return parts;
  }

  private static List<Merge> merge(SumTree tree, List<Part> parts, DType type) {
    List<Node> nodes = parts.stream().map(Part::node).toList();
    return type == DType.F32 ? Merge.all(tree, nodes) : Merge.none(nodes);
  }

  private static int most(SumTree tree, int size) {
    int most = 0;
    for (int rank = 0; rank < size; rank++) {
      most = Math.max(most, tree.cover(tree.leavesOf(rank, size)).size());
    }
    return most;
  }
}
