package dev.troupe.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.core.SumTree.Node;
import dev.troupe.core.SumTree.Range;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SumTreeTest {

  @Test
  void coversAlignedRangesWithOneNode() {
    SumTree tree = new SumTree(8);
    assertThat(tree.cover(new Range(0, 8))).containsExactly(tree.root());
    assertThat(tree.cover(new Range(4, 8))).containsExactly(new Node(2, 1));
    assertThat(tree.cover(new Range(3, 7)))
        .containsExactly(new Node(0, 3), new Node(1, 2), new Node(0, 6));
  }

  @Test
  void coversTheRaggedEndWithTheHighestNodeThatHasNoOtherLeaf() {
    SumTree tree = new SumTree(5);
    assertThat(tree.cover(new Range(4, 5))).containsExactly(new Node(2, 1));
    assertThat(tree.cover(new Range(0, 5))).containsExactly(new Node(3, 0));
    assertThat(tree.root()).isEqualTo(new Node(3, 0));
  }

  @Test
  void oneLeafIsItsOwnRoot() {
    SumTree tree = new SumTree(1);
    assertThat(tree.root()).isEqualTo(new Node(0, 0));
    assertThat(tree.cover(new Range(0, 1))).containsExactly(tree.root());
  }

  @Test
  void coversNothingWithNothing() {
    assertThat(new SumTree(4).cover(new Range(2, 2))).isEmpty();
  }

  @Test
  void refusesTreesWithoutLeaves() {
    assertThatThrownBy(() -> new SumTree(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("leaves: 0 (expected: 1 to 1048576)");
  }

  @Property
  void ranksHoldAllLeavesOnceAndEvenly(
      @ForAll @IntRange(min = 1, max = 500) int leaves,
      @ForAll @IntRange(min = 1, max = 64) int size) {
    SumTree tree = new SumTree(leaves);
    int next = 0;
    for (int rank = 0; rank < size; rank++) {
      Range range = tree.leavesOf(rank, size);
      assertThat(range.from()).isEqualTo(next);
      assertThat(range.length()).isBetween(leaves / size, (leaves + size - 1) / size);
      next = range.to();
    }
    assertThat(next).isEqualTo(leaves);
  }

  @Property
  void aCoverIsTheRangeInWholeSubtreesOfTheTree(
      @ForAll @IntRange(min = 1, max = 300) int leaves,
      @ForAll @IntRange(min = 0, max = 299) int a,
      @ForAll @IntRange(min = 0, max = 299) int b) {
    SumTree tree = new SumTree(leaves);
    int from = Math.min(Math.min(a, b), leaves);
    int to = Math.min(Math.max(a, b), leaves);
    List<Node> cover = tree.cover(new Range(from, to));
    int next = from;
    for (Node node : cover) {
      assertThat(node.firstLeaf()).isEqualTo(next);
      assertThat(node.level()).isLessThanOrEqualTo(tree.root().level());
      next = Math.min(node.endLeaf(), leaves);
    }
    assertThat(next).isEqualTo(to);
    int most = 2 * (32 - Integer.numberOfLeadingZeros(leaves));
    assertThat(cover).hasSizeLessThanOrEqualTo(most);
  }
}
