package dev.troupe.lm.internal;

import dev.troupe.lm.Architecture;
import dev.troupe.lm.LmConfig;
import dev.troupe.tensor.Layout;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The order of a model's parameters in their flat buffer, first used first: embedding, learned
 * positions, blocks, final norm, output layer (if it is not the embedding). Matrices that are
 * applied to the same input lie side by side, so that libtorch sees them as one {@link Leaf}, and
 * all are {@code [outputs, inputs]}, however a checkpoint stores them.
 *
 * <p>Blocks are taken together in {@link Group}s of about a bucket: one native call each way. A
 * bucket is one or more of: the embeddings, groups, the tail behind the blocks.
 */
public final class ParameterLayout {

  /** What a leaf is to its block, in the order of a block's leaves; some models lack some. */
  public enum Role {
    ATTENTION_NORM,
    ATTENTION_NORM_BIAS,
    QUERY_KEY_VALUE,
    QUERY_KEY_VALUE_BIAS,
    ATTENTION_OUTPUT,
    ATTENTION_OUTPUT_BIAS,
    MLP_NORM,
    MLP_NORM_BIAS,
    MLP_UP,
    MLP_UP_BIAS,
    MLP_DOWN,
    MLP_DOWN_BIAS;

    /** Whether autograd gives its gradient, for which it must be a leaf of the graph. */
    boolean isNorm() {
      return switch (this) {
        case ATTENTION_NORM, ATTENTION_NORM_BIAS, MLP_NORM, MLP_NORM_BIAS -> true;
        default -> false;
      };
    }
  }

  /** What libtorch sees as one tensor. */
  public record Leaf(int offset, List<Integer> shape) {
    /** Elements. */
    public int length() {
      return shape.stream().reduce(1, Math::multiplyExact);
    }
  }

  /** Consecutive blocks; {@code [offset, end)} of the flat buffer. */
  public record Group(int offset, int end, List<Leaf> leaves) {}

  private final LmConfig config;
  private final Architecture architecture;
  private final TensorNames names;
  private final List<Layout.Entry> entries = new ArrayList<>();
  private final Set<String> transposed = new HashSet<>();
  private final List<Leaf> embeddings = new ArrayList<>();
  private final List<Group> groups = new ArrayList<>();
  private List<Role> roles = List.of();
  private final List<Leaf> norm;
  private final Leaf output;
  private final Layout layout;
  private int end;

  /**
   * Lays out.
   *
   * @param bucketBytes about how many bytes of gradients make a bucket
   * @throws IllegalArgumentException if the parameters do not fit into one buffer of 2 GiB
   */
  public ParameterLayout(LmConfig config, int bucketBytes) {
    if (config.parameters() > (Integer.MAX_VALUE - (1 << 20)) / Float.BYTES) {
      throw new IllegalArgumentException(
          "model: %d parameters (expected: at most 536 million, which fill one buffer of 2 GiB)"
              .formatted(config.parameters()));
    }
    this.config = config;
    architecture = config.architecture();
    names = TensorNames.of(architecture.family());
    embeddings.add(embedding(names.embedding(), config.vocabSize()));
    if (architecture.learnedPositions()) {
      embeddings.add(embedding(names.positions(), config.context()));
    }
    blocks(bucketBytes);
    norm = norm(names.norm());
    output = config.tied() ? embeddings.get(0) : embedding("lm_head", config.vocabSize());
    layout = new Layout(entries, bucketStarts(bucketBytes), end);
  }

  private void blocks(int bucketBytes) {
    List<Leaf> leaves = new ArrayList<>();
    int start = Layout.align(end);
    for (int i = 0; i < config.layers(); i++) {
      int before = end;
      Map<Role, Leaf> block = block(names.block().formatted(i));
      if (before > start && (long) (end - start) * Float.BYTES > bucketBytes) {
        groups.add(new Group(start, before, List.copyOf(leaves)));
        leaves.clear();
        start = Layout.align(before);
      }
      leaves.addAll(block.values());
      roles = List.copyOf(block.keySet());
    }
    groups.add(new Group(start, end, List.copyOf(leaves)));
  }

  private Map<Role, Leaf> block(String prefix) {
    int queries = config.heads() * config.headDim();
    int keys = config.kvHeads() * config.headDim();
    int dim = config.dim();
    int hidden = config.hiddenDim();
    List<Integer> up = architecture.gatedMlp() ? List.of(hidden, hidden) : List.of(hidden);
    Map<Role, Leaf> block = new EnumMap<>(Role.class);
    put(block, Role.ATTENTION_NORM, Role.ATTENTION_NORM_BIAS, norm(prefix + names.attentionNorm()));
    put(
        block,
        Role.QUERY_KEY_VALUE,
        Role.QUERY_KEY_VALUE_BIAS,
        linear(
            prefix,
            names.queryKeyValue(),
            List.of(queries, keys, keys),
            dim,
            architecture.attentionBias()));
    put(
        block,
        Role.ATTENTION_OUTPUT,
        Role.ATTENTION_OUTPUT_BIAS,
        linear(
            prefix,
            List.of(names.attentionOutput()),
            List.of(dim),
            queries,
            architecture.attentionOutputBias()));
    put(block, Role.MLP_NORM, Role.MLP_NORM_BIAS, norm(prefix + names.mlpNorm()));
    put(
        block,
        Role.MLP_UP,
        Role.MLP_UP_BIAS,
        linear(prefix, names.mlpUp(), up, dim, architecture.mlpBias()));
    put(
        block,
        Role.MLP_DOWN,
        Role.MLP_DOWN_BIAS,
        linear(prefix, List.of(names.mlpDown()), List.of(dim), hidden, architecture.mlpBias()));
    return block;
  }

  private static void put(Map<Role, Leaf> block, Role weight, Role bias, List<Leaf> leaves) {
    block.put(weight, leaves.get(0));
    if (leaves.size() > 1) {
      block.put(bias, leaves.get(1));
    }
  }

  /** A norm's weight, and its bias if it has one. */
  private List<Leaf> norm(String module) {
    List<Integer> length = List.of(config.dim());
    Leaf weight = vector(List.of(module + ".weight"), length);
    return architecture.layerNorm()
        ? List.of(weight, vector(List.of(module + ".bias"), length))
        : List.of(weight);
  }

  /**
   * The matrices of several modules, one below the other, and their biases likewise.
   *
   * @param rows outputs; those of a single module are taken together
   */
  private List<Leaf> linear(
      String prefix, List<String> modules, List<Integer> rows, int columns, boolean bias) {
    int sum = rows.stream().mapToInt(Integer::intValue).sum();
    List<Integer> parts = modules.size() == 1 ? List.of(sum) : rows;
    int offset = Layout.align(end);
    end = offset;
    for (int i = 0; i < parts.size(); i++) {
      String name = prefix + modules.get(i) + ".weight";
      entry(name, List.of(parts.get(i), columns), true);
      if (names.transposed()) {
        transposed.add(name);
      }
    }
    Leaf weight = new Leaf(offset, List.of(sum, columns));
    return bias
        ? List.of(weight, vector(modules.stream().map(m -> prefix + m + ".bias").toList(), parts))
        : List.of(weight);
  }

  /** Vectors one behind the other, as one. */
  private Leaf vector(List<String> vectors, List<Integer> lengths) {
    int offset = Layout.align(end);
    end = offset;
    for (int i = 0; i < lengths.size(); i++) {
      entry(vectors.get(i), List.of(lengths.get(i)), false);
    }
    return new Leaf(offset, List.of(end - offset));
  }

  /** An embedding, {@code [rows, dim]}. */
  private Leaf embedding(String module, int rows) {
    end = Layout.align(end);
    Leaf leaf = new Leaf(end, List.of(rows, config.dim()));
    entry(module + ".weight", leaf.shape(), true);
    return leaf;
  }

  private void entry(String name, List<Integer> shape, boolean decayed) {
    int length = shape.stream().reduce(1, Math::multiplyExact);
    entries.add(new Layout.Entry(name, shape, end, length, decayed));
    end += length;
  }

  /** Joins neighbours as long as they are no more than a bucket together. */
  private List<Integer> bucketStarts(int bucketBytes) {
    List<Integer> segments = segmentStarts();
    List<Integer> starts = new ArrayList<>(List.of(0));
    for (int i = 1; i < segments.size(); i++) {
      int segmentEnd = i + 1 < segments.size() ? segments.get(i + 1) : end;
      long joined = (long) segmentEnd - starts.get(starts.size() - 1);
      if (joined * Float.BYTES > bucketBytes) {
        starts.add(segments.get(i));
      }
    }
    return starts;
  }

  private List<Integer> segmentStarts() {
    List<Integer> starts = new ArrayList<>(List.of(0));
    groups.forEach(group -> starts.add(group.offset()));
    starts.add(norm.get(0).offset());
    return starts;
  }

  public Layout layout() {
    return layout;
  }

  /** Whether checkpoints store this matrix {@code [inputs, outputs]}. */
  public boolean storedTransposed(Layout.Entry entry) {
    return transposed.contains(entry.name());
  }

  /** The embedding of tokens, and that of positions if they are learned. */
  public List<Leaf> embeddings() {
    return embeddings;
  }

  public List<Group> groups() {
    return groups;
  }

  /** What the leaves of each block are, in their order. */
  public List<Role> roles() {
    return roles;
  }

  /** The norm behind the last block: its weight, and its bias if it has one. */
  public List<Leaf> norm() {
    return norm;
  }

  /** The output layer; the embedding of tokens if they are tied. */
  public Leaf output() {
    return output;
  }
}
