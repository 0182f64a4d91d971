package dev.troupe.lm.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.troupe.lm.LmConfig;
import dev.troupe.lm.internal.LlamaLayout.Group;
import dev.troupe.lm.internal.LlamaLayout.Leaf;
import dev.troupe.tensor.Engine;
import dev.troupe.tensor.ScriptModule;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * The native half of a model: its parameters as libtorch's tensors, which are the flat buffer's own
 * memory, and the calls into the script {@code llama.torchscript}.
 *
 * <p>Backward goes group by group: a group's input is a leaf, whose gradient is handed down to the
 * group before. So gradients of later blocks are final, and may be summed over ranks, while those
 * of earlier blocks are still to come.
 */
public final class Llama implements AutoCloseable {

  /** Rows of scores that exist at a time. */
  private static final int SCORE_ROWS = 1024;

  private final LlamaLayout plan;
  private final NDManager manager = Engine.newManager();
  private final ScriptModule script;
  private final NDArray embedding;
  private final List<List<NDArray>> groups = new ArrayList<>();
  private final NDArray norm;
  private final NDArray output;
  private final NDArray cos;
  private final NDArray sin;

  /** Of a flat buffer of {@code plan}, direct, in native order. */
  public Llama(LmConfig config, LlamaLayout plan, ByteBuffer flat) {
    this.plan = plan;
    script = ScriptModule.load(manager, LmConfig.class, "llama.torchscript", constants(config));
    embedding = view(manager, flat, plan.embedding());
    for (Group group : plan.groups()) {
      groups.add(group.leaves().stream().map(leaf -> differentiable(flat, leaf)).toList());
    }
    norm = differentiable(flat, plan.norm());
    output = view(manager, flat, plan.output());
    Rotary rotary = new Rotary(config);
    int[] positions = IntStream.range(0, config.context()).toArray();
    Shape table = new Shape(config.context(), 1, config.headDim());
    cos = manager.create(rotary.cos(positions), table);
    sin = manager.create(rotary.sin(positions), table);
  }

  private static Map<String, Object> constants(LmConfig config) {
    return Map.ofEntries(
        Map.entry("DIM", config.dim()),
        Map.entry("HIDDEN", config.hiddenDim()),
        Map.entry("VOCAB", config.vocabSize()),
        Map.entry("HEADS", config.heads()),
        Map.entry("KV_HEADS", config.kvHeads()),
        Map.entry("ALL_HEADS", config.heads() + 2 * config.kvHeads()),
        Map.entry("HEAD", config.headDim()),
        Map.entry("HALF_HEAD", config.headDim() / 2),
        Map.entry("EPSILON", config.normEpsilon()),
        Map.entry("GROUPED", config.heads() == config.kvHeads() ? "False" : "True"),
        Map.entry("TIED", config.tied() ? "True" : "False"),
        Map.entry("CHUNK", SCORE_ROWS));
  }

  /** A part of a flat buffer as a tensor: the same memory. */
  private static NDArray view(NDManager manager, ByteBuffer flat, Leaf leaf) {
    return slice(
        manager,
        flat,
        leaf.offset(),
        leaf.length(),
        new Shape(leaf.shape().stream().mapToLong(Integer::longValue).toArray()));
  }

  private static NDArray slice(
      NDManager manager, ByteBuffer flat, int offset, int length, Shape shape) {
    ByteBuffer part =
        flat.slice(offset * Float.BYTES, length * Float.BYTES).order(ByteOrder.nativeOrder());
    return manager.create(part, shape, DataType.FLOAT32);
  }

  private NDArray differentiable(ByteBuffer flat, Leaf leaf) {
    NDArray array = view(manager, flat, leaf);
    array.setRequiresGradient(true);
    return array;
  }

  /** A manager for the arrays of one call. */
  public NDManager newStep() {
    return manager.newSubManager();
  }

  /**
   * Sum of losses, and gradients of {@code sum / divisor}.
   *
   * @param ids {@code [rows, time]}
   * @param targets as long as ids; negative where nothing counts
   * @param onBucketReady as in {@link dev.troupe.lm.CausalLm#forwardBackward}
   */
  public double forwardBackward(
      long[] ids,
      long[] targets,
      Shape shape,
      double divisor,
      ByteBuffer gradients,
      IntConsumer onBucketReady) {
    try (NDManager step = newStep()) {
      NDArray tokens = step.create(ids, shape);
      Deque<NDList> graphs = new ArrayDeque<>();
      NDArray x = script.call("embed", false, tokens, embedding).head();
      for (List<NDArray> parameters : groups) {
        NDList graph = script.call("blocks_forward", true, x, cos, sin, parameters);
        graphs.push(graph);
        x = graph.get(1);
      }
      NDList head = lossBackward(step, x, step.create(targets), divisor, gradients);
      NDArray dx = head.get(0);
      double loss = head.get(1).getDouble(0);
      ready(plan.norm().offset(), onBucketReady);
      for (int i = groups.size() - 1; i >= 0; i--) {
        dx = blocksBackward(step, dx, graphs.pop(), i, gradients);
        ready(plan.groups().get(i).offset(), onBucketReady);
      }
      script.call("embed_backward", false, dx, tokens, view(step, gradients, plan.embedding()));
      ready(plan.embedding().offset(), onBucketReady);
      return loss;
    }
  }

  private NDList lossBackward(
      NDManager step, NDArray x, NDArray targets, double divisor, ByteBuffer gradients) {
    return script.call(
        "loss_backward",
        true,
        x,
        targets,
        norm,
        output,
        view(step, gradients, plan.norm()),
        view(step, gradients, plan.output()),
        step.create((float) (1 / divisor)));
  }

  private NDArray blocksBackward(
      NDManager step, NDArray dy, NDList graph, int index, ByteBuffer gradients) {
    Group group = plan.groups().get(index);
    int length = group.end() - group.offset();
    NDArray target = slice(step, gradients, group.offset(), length, new Shape(length));
    try (graph;
        dy) {
      return script
          .call("blocks_backward", true, dy, graph.get(0), graph.get(1), groups.get(index), target)
          .head();
    }
  }

  /** Reports the bucket that begins here, if one does. */
  private void ready(int offset, IntConsumer onBucketReady) {
    plan.layout().buckets().stream()
        .filter(bucket -> bucket.offset() == offset)
        .forEach(bucket -> onBucketReady.accept(bucket.index()));
  }

  /** Sum of losses alone. */
  public double loss(long[] ids, long[] targets, Shape shape) {
    try (NDManager step = newStep()) {
      NDArray x = forward(step.create(ids, shape));
      return script.call("loss", false, x, step.create(targets), norm, output).head().getDouble(0);
    }
  }

  /** Scores, {@code [rows * time * vocab]}. */
  public float[] logits(long[] ids, Shape shape) {
    try (NDManager step = newStep()) {
      NDArray x = forward(step.create(ids, shape));
      return script.call("logits", false, x, norm, output).head().toFloatArray();
    }
  }

  private NDArray forward(NDArray tokens) {
    NDArray x = script.call("embed", false, tokens, embedding).head();
    for (List<NDArray> parameters : groups) {
      try (NDArray input = x) {
        x = script.call("blocks", false, input, cos, sin, parameters).head();
      }
    }
    return x;
  }

  /** One step of generation; see {@code decode} in the script. */
  NDArray decode(
      NDArray ids,
      NDArray rowCos,
      NDArray rowSin,
      NDArray mask,
      NDArray start,
      List<NDArray> caches) {
    List<NDArray> parameters = groups.stream().flatMap(List::stream).toList();
    return script
        .call(
            "decode",
            false,
            ids,
            rowCos,
            rowSin,
            mask,
            start,
            embedding,
            norm,
            output,
            parameters,
            caches)
        .head();
  }

  @Override
  public void close() {
    script.close();
    manager.close();
  }
}
