package dev.troupe.lm.internal;

import dev.troupe.lm.LmConfig;
import dev.troupe.tensor.Layout;
import java.util.ArrayList;
import java.util.List;

/**
 * The order of a Llama model's parameters in their flat buffer, first used first: embedding,
 * blocks, final norm, output layer (if it is not the embedding). Matrices that are applied to the
 * same input lie side by side, so that libtorch sees them as one {@link Leaf}.
 *
 * <p>Blocks are taken together in {@link Group}s of about a bucket: one native call each way. A
 * bucket is one or more of: the embedding, groups, the tail behind the blocks.
 */
public final class LlamaLayout {

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
  private final List<Layout.Entry> entries = new ArrayList<>();
  private final Leaf embedding;
  private final List<Group> groups = new ArrayList<>();
  private final Leaf norm;
  private final Leaf output;
  private final Layout layout;
  private int end;

  /**
   * Lays out.
   *
   * @param bucketBytes about how many bytes of gradients make a bucket
   * @throws IllegalArgumentException if the parameters do not fit into one buffer of 2 GiB
   */
  public LlamaLayout(LmConfig config, int bucketBytes) {
    if (config.parameters() > (Integer.MAX_VALUE - (1 << 20)) / Float.BYTES) {
      throw new IllegalArgumentException(
          "model: %d parameters (expected: at most 536 million, which fill one buffer of 2 GiB)"
              .formatted(config.parameters()));
    }
    this.config = config;
    embedding = leaf(config.dim(), "model.embed_tokens.weight", config.vocabSize());
    List<Leaf> leaves = new ArrayList<>();
    int start = Layout.align(end);
    for (int i = 0; i < config.layers(); i++) {
      int before = end;
      List<Leaf> block = block("model.layers." + i + ".");
      if (before > start && (long) (end - start) * Float.BYTES > bucketBytes) {
        groups.add(new Group(start, before, List.copyOf(leaves)));
        leaves.clear();
        start = Layout.align(before);
      }
      leaves.addAll(block);
    }
    groups.add(new Group(start, end, List.copyOf(leaves)));
    norm = vector("model.norm.weight");
    output = config.tied() ? embedding : leaf(config.dim(), "lm_head.weight", config.vocabSize());
    layout = new Layout(entries, bucketStarts(bucketBytes), end);
  }

  private List<Leaf> block(String prefix) {
    int queries = config.heads() * config.headDim();
    int keys = config.kvHeads() * config.headDim();
    String attention = prefix + "self_attn.";
    String mlp = prefix + "mlp.";
    List<Leaf> leaves = new ArrayList<>();
    leaves.add(vector(prefix + "input_layernorm.weight"));
    leaves.add(
        leaf(
            config.dim(),
            attention + "q_proj.weight",
            queries,
            attention + "k_proj.weight",
            keys,
            attention + "v_proj.weight",
            keys));
    leaves.add(leaf(queries, attention + "o_proj.weight", config.dim()));
    leaves.add(vector(prefix + "post_attention_layernorm.weight"));
    leaves.add(
        leaf(
            config.dim(),
            mlp + "gate_proj.weight",
            config.hiddenDim(),
            mlp + "up_proj.weight",
            config.hiddenDim()));
    leaves.add(leaf(config.hiddenDim(), mlp + "down_proj.weight", config.dim()));
    return leaves;
  }

  private Leaf vector(String name) {
    int offset = Layout.align(end);
    entries.add(new Layout.Entry(name, List.of(config.dim()), offset, config.dim(), false));
    end = offset + config.dim();
    return new Leaf(offset, List.of(config.dim()));
  }

  /** Matrices of the same number of columns, one below the other: name, rows, name, rows, ... */
  private Leaf leaf(int columns, Object... namesAndRows) {
    int offset = Layout.align(end);
    end = offset;
    int rows = 0;
    for (int i = 0; i < namesAndRows.length; i += 2) {
      int own = (Integer) namesAndRows[i + 1];
      String name = (String) namesAndRows[i];
      entries.add(new Layout.Entry(name, List.of(own, columns), end, own * columns, true));
      end += own * columns;
      rows += own;
    }
    return new Leaf(offset, List.of(rows, columns));
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
    starts.add(norm.offset());
    return starts;
  }

  public Layout layout() {
    return layout;
  }

  public Leaf embedding() {
    return embedding;
  }

  public List<Group> groups() {
    return groups;
  }

  /** The norm behind the last block. */
  public Leaf norm() {
    return norm;
  }

  /** The output layer; the embedding if they are tied. */
  public Leaf output() {
    return output;
  }
}
