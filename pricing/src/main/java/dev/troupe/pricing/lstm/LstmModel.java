package dev.troupe.pricing.lstm;

import dev.troupe.pricing.lstm.internal.Samples;
import dev.troupe.pricing.lstm.internal.Scaling;
import dev.troupe.tensor.FlatMath;
import dev.troupe.tensor.Layout;
import dev.troupe.tensor.Lstm;
import dev.troupe.tensor.Safetensors;
import dev.troupe.tensor.SafetensorsWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A trained regression from sequences to numbers; never changes. The same samples in the same order
 * give the same bits, on one kind of machine and with one number of the engine's threads.
 */
public final class LstmModel {

  /** Sequences that are computed at a time. */
  private static final int BATCH = 1024;

  private static final String FEATURES_MEAN = "features.mean";
  private static final String FEATURES_DEVIATION = "features.deviation";
  private static final String TARGET_MEAN = "target.mean";
  private static final String TARGET_DEVIATION = "target.deviation";

  private final Lstm.Size size;
  private final ByteBuffer parameters;
  private final Scaling features;
  private final Scaling target;

  /** Copies the parameters. */
  LstmModel(Lstm.Size size, ByteBuffer parameters, Scaling features, Scaling target) {
    this.size = size;
    this.parameters = FlatMath.allocate(Lstm.layout(size).size());
    FlatMath.copy(parameters, this.parameters);
    this.features = features;
    this.target = target;
  }

  /**
   * One number a sample, in the unit of the targets it was trained on.
   *
   * @param samples {@code [sample, time, feature]}, features as in training; any number of steps,
   *     the same for all
   * @throws IllegalArgumentException if samples differ in shape, or a number is not finite
   */
  public float[] predict(float[][][] samples) {
    if (samples.length == 0) {
      return new float[0];
    }
    Samples.check(samples);
    if (samples[0][0].length != size.features()) {
      throw new IllegalArgumentException(
          "features[0][0]: %d features (expected: %d, as in training)"
              .formatted(samples[0][0].length, size.features()));
    }
    float[] values;
    try (Lstm lstm = new Lstm(size, parameters)) {
      values = forward(lstm, features.flatten(samples), samples.length);
    }
    for (int i = 0; i < values.length; i++) {
      values[i] = target.unscaled(values[i]);
    }
    return values;
  }

  /** Scaled numbers of scaled samples. */
  static float[] forward(Lstm lstm, float[] flat, int count) {
    int width = flat.length / count;
    float[] values = new float[count];
    for (int from = 0; from < count; from += BATCH) {
      int to = Math.min(count, from + BATCH);
      float[] part = lstm.forward(Samples.rows(flat, width, from, to), to - from);
      System.arraycopy(part, 0, values, from, part.length);
    }
    return values;
  }

  /**
   * As a safetensors file: the weights with torch's names ({@code lstm.*}, {@code head.*}), mean
   * and deviation of each feature and of the target.
   */
  public byte[] toBytes() {
    FloatBuffer floats = parameters.duplicate().order(ByteOrder.nativeOrder()).asFloatBuffer();
    List<SafetensorsWriter.Tensor> tensors = new ArrayList<>();
    for (Layout.Entry entry : Lstm.layout(size).entries()) {
      tensors.add(
          new SafetensorsWriter.Tensor(
              entry.name(), entry.shape(), floats.slice(entry.offset(), entry.length())));
    }
    tensors.add(vector(FEATURES_MEAN, features.mean()));
    tensors.add(vector(FEATURES_DEVIATION, features.deviation()));
    tensors.add(vector(TARGET_MEAN, target.mean()));
    tensors.add(vector(TARGET_DEVIATION, target.deviation()));
    return SafetensorsWriter.bytes(SafetensorsWriter.Type.F32, Map.of("format", "pt"), tensors);
  }

  private static SafetensorsWriter.Tensor vector(String name, float[] values) {
    return new SafetensorsWriter.Tensor(name, List.of(values.length), FloatBuffer.wrap(values));
  }

  /**
   * Reads what {@link #toBytes} wrote.
   *
   * @throws IllegalArgumentException if it is cut short, or lacks a tensor
   */
  public static LstmModel fromBytes(byte[] bytes) {
    Safetensors file = Safetensors.of(bytes);
    int hidden = Math.toIntExact(file.shape("lstm.weight_hh_l0").get(1));
    int inputs = Math.toIntExact(file.shape("lstm.weight_ih_l0").get(1));
    int layers =
        (int) file.names().stream().filter(name -> name.startsWith("lstm.weight_hh_l")).count();
    Lstm.Size size = new Lstm.Size(inputs, hidden, layers);
    Layout layout = Lstm.layout(size);
    ByteBuffer parameters = FlatMath.allocate(layout.size());
    FloatBuffer floats = parameters.duplicate().order(ByteOrder.nativeOrder()).asFloatBuffer();
    for (Layout.Entry entry : layout.entries()) {
      file.read(entry.name(), floats.slice(entry.offset(), entry.length()));
    }
    return new LstmModel(
        size,
        parameters,
        new Scaling(read(file, FEATURES_MEAN, inputs), read(file, FEATURES_DEVIATION, inputs)),
        new Scaling(read(file, TARGET_MEAN, 1), read(file, TARGET_DEVIATION, 1)));
  }

  private static float[] read(Safetensors file, String name, int length) {
    FloatBuffer values = FloatBuffer.allocate(length);
    file.read(name, values);
    return values.array();
  }
}
