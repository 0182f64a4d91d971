package dev.troupe.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.troupe.lm.internal.ParameterLayout;
import dev.troupe.tensor.Engine;
import dev.troupe.tensor.FlatMath;
import dev.troupe.tensor.Layout;
import dev.troupe.tensor.ScriptModule;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * LoRA (Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", 2021, section 4.1) as a
 * change of variables: each chosen matrix is {@code W = W0 + alpha / rank * B A}, with A {@code
 * [rank, in]} and B {@code [out, rank]}, and A and B alone are trained. The model computes with W
 * itself, so it is merged at any time; by the chain rule, with s = alpha / rank,
 *
 * <pre>
 * dA = s * Bᵀ dW,    dB = s * dW Aᵀ
 * </pre>
 *
 * <p>This saves the optimizer's state and most of a checkpoint; it saves no time, since dW is
 * computed. A begins uniform in {@code ±1 / sqrt(in)}, as in peft, B at 0: the model begins as it
 * was.
 */
public final class LowRankAdapters implements AutoCloseable {

  /** What belongs to one matrix: its place in the model, and views of it and of its factors. */
  private record Adapter(
      Layout.Entry matrix,
      Layout.Entry first,
      Layout.Entry second,
      NDArray weight,
      NDArray base,
      NDArray a,
      NDArray b) {}

  private final NDManager manager = Engine.newManager();
  private final ScriptModule script;
  private final NDArray scale;
  private final Layout layout;
  private final ByteBuffer values;
  private final List<Adapter> adapters = new ArrayList<>();

  /**
   * Adapters for some matrices of a model, whose weights now are W0.
   *
   * @param rank columns of B, rows of A
   * @param targets modules as {@link #modules} names them; empty for all of them
   * @throws IllegalArgumentException if a target is no module of the model
   */
  public LowRankAdapters(
      CausalLm model, int rank, double alpha, Collection<String> targets, long seed) {
    List<Layout.Entry> matrices = matrices(model.layout(), targets);
    script = ScriptModule.load(manager, LmConfig.class, "lowrank.torchscript", Map.of());
    scale = manager.create((float) (alpha / rank));
    layout = layout(matrices, rank);
    values = FlatMath.allocate(layout.size());
    ByteBuffer parameters = model.parameters();
    for (int i = 0; i < matrices.size(); i++) {
      Layout.Entry matrix = matrices.get(i);
      Layout.Entry first = layout.entries().get(2 * i);
      Layout.Entry second = layout.entries().get(2 * i + 1);
      NDArray weight = view(manager, parameters, matrix);
      adapters.add(
          new Adapter(
              matrix,
              first,
              second,
              weight,
              weight.duplicate(),
              view(manager, values, first),
              view(manager, values, second)));
    }
    fill(seed);
  }

  /** The modules of a model's layers that can have adapters, as in {@code q_proj}. */
  public static List<String> modules(LmConfig config) {
    return modules(new ParameterLayout(config, CausalLm.BUCKET_BYTES).layout());
  }

  private static List<String> modules(Layout layout) {
    return layout.entries().stream()
        .filter(LowRankAdapters::isOfALayer)
        .map(LowRankAdapters::module)
        .distinct()
        .toList();
  }

  /** Names of layers' parameters hold the layer's number. */
  private static boolean isOfALayer(Layout.Entry entry) {
    return entry.decayed() && entry.name().matches(".*\\.\\d+\\..*");
  }

  private static String module(Layout.Entry entry) {
    String[] parts = entry.name().split("\\.", -1);
    return parts[parts.length - 2];
  }

  private static List<Layout.Entry> matrices(Layout layout, Collection<String> targets) {
    List<String> known = modules(layout);
    for (String target : targets) {
      if (!known.contains(target)) {
        throw new IllegalArgumentException(
            "%s (expected: some of %s)".formatted(target, String.join(", ", known)));
      }
    }
    return layout.entries().stream()
        .filter(LowRankAdapters::isOfALayer)
        .filter(entry -> targets.isEmpty() || targets.contains(module(entry)))
        .collect(Collectors.toList());
  }

  private static Layout layout(List<Layout.Entry> matrices, int rank) {
    List<Layout.Entry> entries = new ArrayList<>();
    int end = 0;
    for (Layout.Entry matrix : matrices) {
      String name = matrix.name().replaceFirst("\\.weight$", "");
      int out = matrix.shape().get(0);
      int in = matrix.shape().get(1);
      end = add(entries, name + ".lora_A.weight", rank, in, end);
      end = add(entries, name + ".lora_B.weight", out, rank, end);
    }
    return new Layout(entries, List.of(0), end);
  }

  private static int add(List<Layout.Entry> to, String name, int rows, int columns, int at) {
    int length = Math.multiplyExact(rows, columns);
    to.add(new Layout.Entry(name, List.of(rows, columns), at, length, true));
    return Layout.align(Math.addExact(at, length));
  }

  private void fill(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (Adapter adapter : adapters) {
      double bound = 1 / Math.sqrt(adapter.matrix().shape().get(1));
      int from = adapter.first().offset();
      for (int i = 0; i < adapter.first().length(); i++) {
        float value = (float) (bound * (2 * random.nextDouble() - 1));
        values.putFloat((from + i) * Float.BYTES, value);
      }
    }
  }

  private static NDArray view(NDManager manager, ByteBuffer flat, Layout.Entry entry) {
    ByteBuffer part =
        flat.slice(entry.offset() * Float.BYTES, entry.length() * Float.BYTES)
            .order(ByteOrder.nativeOrder());
    Shape shape = new Shape(entry.shape().stream().mapToLong(Integer::longValue).toArray());
    return manager.create(part, shape, DataType.FLOAT32);
  }

  /** Where A and B of each matrix lie, in one bucket. */
  public Layout layout() {
    return layout;
  }

  /** A and B themselves, fp32, direct; after a change, {@link #merge} brings it into the model. */
  public ByteBuffer values() {
    return values.duplicate().order(ByteOrder.nativeOrder());
  }

  /** Writes W to the model. */
  public void merge() {
    try (NDManager step = manager.newSubManager()) {
      for (Adapter adapter : adapters) {
        NDArray weight = adapter.weight();
        script
            .call("merge", false, weight, adapter.base(), adapter.a(), adapter.b(), scale)
            .attach(step);
      }
    }
  }

  /**
   * The gradient of A and B.
   *
   * @param ofModel that of the model's parameters, flat
   * @param target gets it, as long as {@link #values}
   */
  public void gradients(ByteBuffer ofModel, ByteBuffer target) {
    try (NDManager step = manager.newSubManager()) {
      for (Adapter adapter : adapters) {
        script.call(
            "gradients",
            false,
            view(step, ofModel, adapter.matrix()),
            adapter.a(),
            adapter.b(),
            view(step, target, adapter.first()),
            view(step, target, adapter.second()),
            scale);
      }
    }
  }

  @Override
  public void close() {
    script.close();
    manager.close();
  }
}
