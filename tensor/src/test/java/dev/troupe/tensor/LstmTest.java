package dev.troupe.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LstmTest {
  private static final Lstm.Size SIZE = new Lstm.Size(3, 5, 2);
  private static final int BATCH = 4;
  private static final int TIME = 7;
  private static final float[] NO_DROPOUT = {};

  private final Layout layout = Lstm.layout(SIZE);
  private final ByteBuffer parameters = FlatMath.allocate(layout.size());
  private final ByteBuffer gradients = FlatMath.allocate(layout.size());
  private Safetensors golden;

  @BeforeEach
  void readGolden() throws Exception {
    golden =
        Safetensors.open(Path.of(LstmTest.class.getResource("/golden/lstm.safetensors").toURI()));
    for (Layout.Entry entry : layout.entries()) {
      parameters
          .asFloatBuffer()
          .put(entry.offset(), read(entry.name(), entry.length()), 0, entry.length());
    }
  }

  private float[] read(String name, int length) {
    FloatBuffer target = FloatBuffer.allocate(length);
    golden.read(name, target);
    return target.array();
  }

  @Test
  void outputLossAndGradientsAreTorchs() {
    float[] x = read("x", BATCH * TIME * 3);
    try (Lstm lstm = new Lstm(SIZE, parameters)) {
      assertThat(lstm.forward(x, BATCH)).containsExactly(read("output", BATCH), within(1e-6f));
      double loss = lstm.lossBackward(x, read("targets", BATCH), NO_DROPOUT, gradients);
      assertThat(loss).isCloseTo(read("loss", 1)[0], within(1e-6));
    }
    for (Layout.Entry entry : layout.entries()) {
      float[] gradient = new float[entry.length()];
      gradients.asFloatBuffer().get(entry.offset(), gradient);
      assertThat(gradient)
          .as(entry.name())
          .containsExactly(read("grad." + entry.name(), entry.length()), within(1e-6f));
    }
  }

  /** Two steps of a cell of two units, worked out by hand (mpmath) rather than by torch. */
  @Test
  void aCellsStatesAreThoseOfItsFormula() {
    Lstm.Size size = new Lstm.Size(2, 2, 1);
    Layout small = Lstm.layout(size);
    float[] inputWeights = new float[16];
    float[] hiddenWeights = new float[16];
    float[] bias = new float[8];
    for (int k = 0; k < 8; k++) {
      for (int l = 0; l < 2; l++) {
        inputWeights[2 * k + l] = .05f * (2 * k + l + 1) - .4f;
        hiddenWeights[2 * k + l] = .03f * (16 - (2 * k + l)) - .2f;
      }
      bias[k] = -.2f + .1f * k;
    }
    float[][] expected = {{.03323552f, .048493f}, {.08218241f, .16259883f}};
    for (int unit = 0; unit < 2; unit++) {
      float[] head = {1 - unit, unit}; // shows that unit's state
      ByteBuffer weights = FlatMath.allocate(small.size());
      float[][] values = {inputWeights, hiddenWeights, bias, new float[8], head, new float[1]};
      for (int e = 0; e < values.length; e++) {
        weights.asFloatBuffer().put(small.entries().get(e).offset(), values[e]);
      }
      try (Lstm lstm = new Lstm(size, weights)) {
        assertThat(lstm.forward(new float[] {.5f, -1}, 1))
            .containsExactly(new float[] {expected[0][unit]}, within(1e-6f));
        assertThat(lstm.forward(new float[] {.5f, -1, 1, .25f}, 1))
            .containsExactly(new float[] {expected[1][unit]}, within(1e-6f));
      }
    }
  }

  /** What the first layer hands up is all dropped: no gradient reaches below. */
  @Test
  void masksDrop() {
    float[] masks = new float[2 * BATCH * TIME * 5];
    Arrays.fill(masks, masks.length / 2, masks.length, 1);
    try (Lstm lstm = new Lstm(SIZE, parameters)) {
      lstm.lossBackward(read("x", BATCH * TIME * 3), read("targets", BATCH), masks, gradients);
    }
    for (Layout.Entry entry : layout.entries()) {
      float[] gradient = new float[entry.length()];
      gradients.asFloatBuffer().get(entry.offset(), gradient);
      if (entry.name().endsWith("l0") || entry.name().equals("lstm.weight_ih_l1")) {
        assertThat(gradient).as(entry.name()).containsOnly(0);
      } else {
        assertThat(gradient).as(entry.name()).doesNotContain(0);
      }
    }
  }

  @Test
  void seesWhatAnOptimizerDoesToItsBuffer() {
    float[] x = read("x", BATCH * TIME * 3);
    try (Lstm lstm = new Lstm(SIZE, parameters)) {
      float before = lstm.forward(x, BATCH)[0];
      int bias = layout.entries().get(9).offset() * Float.BYTES;
      parameters.putFloat(bias, parameters.getFloat(bias) + 2);
      assertThat(lstm.forward(x, BATCH)[0]).isCloseTo(before + 2, within(1e-6f));
    }
  }

  @Test
  void saysWhatDoesNotFit() {
    assertThatThrownBy(() -> new Lstm.Size(3, 0, 1)).hasMessage("hidden: 0 (expected: >= 1)");
    try (Lstm lstm = new Lstm(SIZE, parameters)) {
      assertThatThrownBy(() -> lstm.forward(new float[10], 2))
          .hasMessage("x: 10 numbers (expected: a multiple of 2 sequences of 3 features)");
      assertThatThrownBy(
              () -> lstm.lossBackward(new float[6], new float[2], NO_DROPOUT, FlatMath.allocate(4)))
          .hasMessage("flat: 16 bytes (expected: the layout's " + layout.bytes() + ")");
    }
  }
}
