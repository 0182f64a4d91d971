package dev.troupe.lm.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.troupe.lm.Architecture;
import dev.troupe.lm.LmConfig;
import dev.troupe.lm.Precision;
import dev.troupe.lm.internal.ParameterLayout.Group;
import dev.troupe.lm.internal.ParameterLayout.Leaf;
import dev.troupe.lm.internal.ParameterLayout.Role;
import dev.troupe.tensor.Engine;
import dev.troupe.tensor.ScriptModule;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * The native half of a model: its parameters as libtorch's tensors, which are the flat buffer's own
 * memory, and the calls into the script {@code transformer.torchscript}.
 *
 * <p>Backward goes group by group: a group's input is a leaf, whose gradient is handed down to the
 * group before. So gradients of later blocks are final, and may be summed over ranks, while those
 * of earlier blocks are still to come.
 */
public final class Transformer implements AutoCloseable {

  /** Rows of scores that exist at a time. */
  private static final int SCORE_ROWS = 1024;

  private final ParameterLayout plan;
  private final NDManager manager = Engine.newManager();
  private final ScriptModule script;
  private final NDArray embedding;

  /** What each position adds: learned positions, or the cosines and sines of rotary ones. */
  private final NDArray table;

  private final List<List<NDArray>> groups = new ArrayList<>();
  private final List<NDArray> norm;
  private final NDArray output;
  private boolean recompute;
  private long forwardNanos;

  /** Of a flat buffer of {@code plan}, direct, in native order. */
  public Transformer(LmConfig config, ParameterLayout plan, ByteBuffer flat, Precision precision) {
    this.plan = plan;
    Map<String, Object> constants = constants(config, plan.roles(), manager.getDevice().isGpu());
    constants.put("BF16", truth(precision == Precision.BF16));
    script = ScriptModule.load(manager, LmConfig.class, "transformer.torchscript", constants);
    embedding = view(manager, flat, plan.embeddings().get(0));
    table =
        config.architecture().learnedPositions()
            ? view(manager, flat, plan.embeddings().get(1))
            : manager.create(
                new Rotary(config).table(config.context()),
                new Shape(config.context(), 2L * config.headDim()));
    for (Group group : plan.groups()) {
      List<NDArray> parameters = views(manager, flat, group.leaves());
      for (int i = 0; i < parameters.size(); i++) {
        boolean norm = plan.roles().get(i % plan.roles().size()).isNorm();
        parameters.get(i).setRequiresGradient(norm);
      }
      groups.add(parameters);
    }
    norm = plan.norm().stream().map(leaf -> differentiable(flat, leaf)).toList();
    output = view(manager, flat, plan.output());
  }

  private static Map<String, Object> constants(LmConfig config, List<Role> roles, boolean gpu) {
    Architecture architecture = config.architecture();
    Map<String, Object> constants = new HashMap<>();
    constants.put("DIM", config.dim());
    constants.put("HIDDEN", config.hiddenDim());
    constants.put("VOCAB", config.vocabSize());
    constants.put("CONTEXT", config.context());
    constants.put("HEADS", config.heads());
    constants.put("KV_HEADS", config.kvHeads());
    constants.put("HEAD", config.headDim());
    constants.put("HALF_HEAD", config.headDim() / 2);
    constants.put("GROUPED", truth(config.heads() != config.kvHeads()));
    constants.put("WINDOW", architecture.window());
    constants.put("LEARNED", truth(architecture.learnedPositions()));
    constants.put("GATED", truth(architecture.gatedMlp()));
    constants.put("TIED", truth(config.tied()));
    constants.put("CHUNK", SCORE_ROWS);
    constants.put("ONEDNN", truth(!gpu));
    constants.put("NORM", norm(config));
    constants.put("NORM_BIAS", architecture.layerNorm() ? "norm[1]" : "None");
    constants.put("ACTIVATION", activation(architecture.activation()));
    constants.put("LEAVES", roles.size());
    for (Role role : Role.values()) {
      int index = roles.indexOf(role);
      constants.put(role.name(), index < 0 ? "None" : "p[%d]".formatted(index));
      constants.put("D_" + role.name(), index < 0 ? "None" : "g[%d]".formatted(index));
    }
    return constants;
  }

  private static String truth(boolean value) {
    return value ? "True" : "False";
  }

  private static String norm(LmConfig config) {
    return config.architecture().layerNorm()
        ? "torch.layer_norm(x, [%d], weight, bias, %s)"
            .formatted(config.dim(), config.normEpsilon())
        : "torch.rms_norm(x, [%d], weight, %s)".formatted(config.dim(), config.normEpsilon());
  }

  private static String activation(Architecture.Activation activation) {
    return switch (activation) {
      case SILU -> "torch.silu(x)";
      case GELU -> "torch.gelu(x)";
      case GELU_TANH -> "torch.gelu(x, approximate=\"tanh\")";
      case RELU -> "torch.relu(x)";
    };
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

  private static List<NDArray> views(NDManager manager, ByteBuffer flat, List<Leaf> leaves) {
    return leaves.stream().map(leaf -> view(manager, flat, leaf)).toList();
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

  /** See {@link dev.troupe.lm.CausalLm#recompute}. */
  public void recompute(boolean recompute) {
    this.recompute = recompute;
  }

  /** See {@link dev.troupe.lm.CausalLm#forwardSeconds}. */
  public double forwardSeconds() {
    return forwardNanos / 1e9;
  }

  /** A manager for the arrays of one call. */
  public NDManager newStep() {
    return manager.newSubManager();
  }

  /**
   * Sum of losses, and gradients of {@code sum / divisor}.
   *
   * @param onBucketReady as in {@link dev.troupe.lm.CausalLm#forwardBackward}
   */
  public double forwardBackward(
      TokenGrid grid, double divisor, ByteBuffer gradients, IntConsumer onBucketReady) {
    try (NDManager step = newStep()) {
      long began = System.nanoTime();
      NDArray tokens = step.create(grid.ids(), grid.shape());
      NDArray positions = step.create(grid.positions());
      NDArray runs = step.create(grid.runs());
      NDList embedded = script.call("embed", false, tokens, positions, embedding, table);
      NDArray x = embedded.get(0);
      NDArray places = embedded.get(1);
      Deque<NDList> graphs = new ArrayDeque<>();
      for (List<NDArray> parameters : groups) {
        NDList graph =
            recompute
                ? script.call("blocks_inputs", false, x, places, runs, parameters)
                : script.call("blocks_forward", true, x, places, runs, parameters);
        graphs.push(graph);
        x = graph.head();
      }
      forwardNanos += System.nanoTime() - began;
      NDList head = lossBackward(step, x, step.create(grid.targets()), divisor, gradients);
      NDArray dx = head.get(0);
      double loss = head.get(1).getDouble(0);
      ready(plan.norm().get(0).offset(), onBucketReady);
      for (int i = groups.size() - 1; i >= 0; i--) {
        try (NDList graph = graphs.pop();
            NDArray dy = dx) {
          NDArray target = target(step, i, gradients);
          dx =
              recompute
                  ? script
                      .call("blocks_again", true, dy, places, runs, graph, groups.get(i), target)
                      .head()
                  : script.call("blocks_backward", true, dy, graph, groups.get(i), target).head();
        }
        ready(plan.groups().get(i).offset(), onBucketReady);
      }
      script.call(
          "embed_backward",
          false,
          dx,
          tokens,
          positions,
          views(step, gradients, plan.embeddings()));
      ready(plan.embeddings().get(0).offset(), onBucketReady);
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
        output,
        norm,
        view(step, gradients, plan.output()),
        views(step, gradients, plan.norm()),
        step.create((float) (1 / divisor)));
  }

  /** Where the gradients of a group go. */
  private NDArray target(NDManager step, int group, ByteBuffer gradients) {
    int from = plan.groups().get(group).offset();
    int length = plan.groups().get(group).end() - from;
    return slice(step, gradients, from, length, new Shape(length));
  }

  /** Reports the bucket that begins here, if one does. */
  private void ready(int offset, IntConsumer onBucketReady) {
    plan.layout().buckets().stream()
        .filter(bucket -> bucket.offset() == offset)
        .forEach(bucket -> onBucketReady.accept(bucket.index()));
  }

  /** Sum of losses alone. */
  public double loss(TokenGrid grid) {
    try (NDManager step = newStep()) {
      NDArray x = forward(step, grid);
      NDArray targets = step.create(grid.targets());
      return script.call("loss", false, x, targets, output, norm).head().getDouble(0);
    }
  }

  /**
   * The loss of each counted position, in their order, and behind them 1 where its target is the
   * likeliest token, else 0: {@code [2 * counted]}.
   */
  public float[] tokenLosses(TokenGrid grid) {
    try (NDManager step = newStep()) {
      NDArray x = forward(step, grid);
      NDArray targets = step.create(grid.targets());
      return script.call("token_losses", false, x, targets, output, norm).head().toFloatArray();
    }
  }

  /** Scores, {@code [rows * time * vocab]}. */
  public float[] logits(TokenGrid grid) {
    try (NDManager step = newStep()) {
      return script.call("logits", false, forward(step, grid), output, norm).head().toFloatArray();
    }
  }

  private NDArray forward(NDManager step, TokenGrid grid) {
    NDArray tokens = step.create(grid.ids(), grid.shape());
    NDArray positions = step.create(grid.positions());
    NDArray runs = step.create(grid.runs());
    NDList embedded = script.call("embed", false, tokens, positions, embedding, table);
    NDArray x = embedded.get(0);
    for (List<NDArray> parameters : groups) {
      try (NDArray input = x) {
        x = script.call("blocks", false, input, embedded.get(1), runs, parameters).head();
      }
    }
    return x;
  }

  /** Some rows of an array. */
  NDArray rows(NDArray all, NDArray places) {
    return script.call("rows", false, all, places).head();
  }

  /** One step of generation; see {@code decode} in the script. */
  NDArray decode(NDArray ids, NDArray padding, NDArray start, List<NDArray> caches) {
    List<NDArray> parameters = groups.stream().flatMap(List::stream).toList();
    return script
        .call(
            "decode",
            false,
            ids,
            padding,
            start,
            embedding,
            table,
            output,
            norm,
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
