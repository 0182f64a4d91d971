package dev.troupe.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A long short-term memory (Hochreiter and Schmidhuber, 1997, with the forget gate of Gers et al.,
 * 2000) over sequences, and one number read linearly off its last step: libtorch's kernel in the
 * script {@code lstm.torchscript}. With gates {@code i, f, o} sigmoids and {@code g} a tangens
 * hyperbolicus of {@code W_ih x + b_ih + W_hh h + b_hh}:
 *
 * <pre>
 * c' = f c + i g        h' = o tanh(c')
 * </pre>
 *
 * <p>Parameters are a flat buffer's own memory: what an optimizer does to it, the next call sees.
 */
public final class Lstm implements AutoCloseable {

  /** Gates of a cell. */
  private static final int GATES = 4;

  /**
   * Its size.
   *
   * @param features numbers a time step, at least 1
   * @param hidden width of each layer, at least 1
   * @param layers one above the other, at least 1
   */
  public record Size(int features, int hidden, int layers) {
    public Size {
      atLeastOne("features", features);
      atLeastOne("hidden", hidden);
      atLeastOne("layers", layers);
    }

    private static void atLeastOne(String field, int value) {
      if (value < 1) {
        throw new IllegalArgumentException(field + ": " + value + " (expected: >= 1)");
      }
    }
  }

  private final Size size;
  private final Layout layout;
  private final NDManager manager = Engine.newManager();
  private final ScriptModule script;
  private final List<NDArray> parameters;
  private final NDArray allKept;

  /**
   * Of these parameters.
   *
   * @param flat of {@link #layout}, fp32, direct, native order
   */
  public Lstm(Size size, ByteBuffer flat) {
    this.size = size;
    layout = layout(size);
    script =
        ScriptModule.load(
            manager,
            Lstm.class,
            "lstm.torchscript",
            Map.of("HIDDEN", size.hidden(), "LAYERS", size.layers()));
    parameters = views(manager, flat);
    allKept = manager.ones(new Shape(size.layers(), 1, 1, 1), DataType.FLOAT32);
  }

  /**
   * Where the parameters lie, with the names of a {@code torch.nn.LSTM} called {@code lstm} and a
   * {@code torch.nn.Linear} called {@code head}. Weight decay applies to the matrices.
   */
  public static Layout layout(Size size) {
    List<Layout.Entry> entries = new ArrayList<>();
    int rows = GATES * size.hidden();
    for (int layer = 0; layer < size.layers(); layer++) {
      int inputs = layer == 0 ? size.features() : size.hidden();
      add(entries, "lstm.weight_ih_l" + layer, List.of(rows, inputs));
      add(entries, "lstm.weight_hh_l" + layer, List.of(rows, size.hidden()));
      add(entries, "lstm.bias_ih_l" + layer, List.of(rows));
      add(entries, "lstm.bias_hh_l" + layer, List.of(rows));
    }
    add(entries, "head.weight", List.of(1, size.hidden()));
    add(entries, "head.bias", List.of(1));
    return new Layout(entries, List.of(0), end(entries));
  }

  private static void add(List<Layout.Entry> entries, String name, List<Integer> shape) {
    int length = shape.stream().reduce(1, Math::multiplyExact);
    entries.add(new Layout.Entry(name, shape, end(entries), length, shape.size() > 1));
  }

  /** Behind the last entry, aligned. */
  private static int end(List<Layout.Entry> entries) {
    if (entries.isEmpty()) {
      return 0;
    }
    Layout.Entry last = entries.get(entries.size() - 1);
    return Layout.align(last.offset() + last.length());
  }

  /**
   * One number a sequence.
   *
   * @param x {@code [batch, time, features]}, flat
   * @param batch sequences, at least 1
   */
  public float[] forward(float[] x, int batch) {
    try (NDManager step = manager.newSubManager()) {
      return script
          .call("output", false, sequences(step, x, batch), allKept, parameters)
          .head()
          .toFloatArray();
    }
  }

  /**
   * The mean squared error, and its gradients.
   *
   * @param x {@code [batch, time, features]}, flat
   * @param targets {@code [batch]}
   * @param masks what each output of a layer is multiplied with (dropout), {@code [layers, batch,
   *     time, hidden]}, flat; empty for none
   * @param gradients written; of {@link #layout}, fp32, direct, native order
   */
  public double lossBackward(float[] x, float[] targets, float[] masks, ByteBuffer gradients) {
    try (NDManager step = manager.newSubManager()) {
      NDArray sequences = sequences(step, x, targets.length);
      Shape dropped =
          new Shape(size.layers(), targets.length, sequences.getShape().get(1), size.hidden());
      NDArray kept = masks.length == 0 ? allKept : step.create(masks, dropped);
      return script
          .call(
              "loss_backward",
              true,
              sequences,
              kept,
              step.create(targets),
              parameters,
              views(step, gradients))
          .head()
          .getFloat();
    }
  }

  private NDArray sequences(NDManager step, float[] x, int batch) {
    if (batch < 1 || x.length == 0 || x.length % (batch * size.features()) != 0) {
      throw new IllegalArgumentException(
          "x: %d numbers (expected: a multiple of %d sequences of %d features)"
              .formatted(x.length, batch, size.features()));
    }
    return step.create(x, new Shape(batch, x.length / batch / size.features(), size.features()));
  }

  private List<NDArray> views(NDManager owner, ByteBuffer flat) {
    if (flat.limit() != layout.bytes()) {
      throw new IllegalArgumentException(
          "flat: %d bytes (expected: the layout's %d)".formatted(flat.limit(), layout.bytes()));
    }
    return layout.entries().stream().map(entry -> view(owner, flat, entry)).toList();
  }

  private static NDArray view(NDManager owner, ByteBuffer flat, Layout.Entry entry) {
    ByteBuffer part =
        flat.slice(entry.offset() * Float.BYTES, entry.length() * Float.BYTES)
            .order(ByteOrder.nativeOrder());
    long[] shape = entry.shape().stream().mapToLong(Integer::longValue).toArray();
    return owner.create(part, new Shape(shape), DataType.FLOAT32);
  }

  @Override
  public void close() {
    script.close();
    manager.close();
  }
}
