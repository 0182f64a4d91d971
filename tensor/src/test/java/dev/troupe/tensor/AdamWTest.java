package dev.troupe.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.tensor.Layout.Range;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class AdamWTest {

  private static final AdamW.Options OPTIONS = new AdamW.Options(0.9, 0.95, 1e-8, 0.1);

  private static Layout layout(int matrix, int vector) {
    int offset = Layout.align(matrix);
    return new Layout(
        List.of(
            new Layout.Entry("matrix", List.of(matrix), 0, matrix, true),
            new Layout.Entry("vector", List.of(vector), offset, vector, false)),
        List.of(0),
        offset + vector);
  }

  private static ByteBuffer random(int size, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    ByteBuffer buffer = FlatMath.allocate(size);
    for (int i = 0; i < size; i++) {
      buffer.putFloat(i * Float.BYTES, (float) (random.nextDouble() - 0.5));
    }
    return buffer;
  }

  @Test
  void agreesWithTorch() throws Exception {
    Safetensors golden =
        Safetensors.open(Path.of(AdamWTest.class.getResource("/golden/adamw.safetensors").toURI()));
    float[] gradients = read(golden, "gradients", 500);
    float[] rates = read(golden, "rates", 5);
    Layout layout =
        new Layout(List.of(new Layout.Entry("p", List.of(100), 0, 100, true)), List.of(0), 100);
    ByteBuffer parameters = FlatMath.allocate(100);
    parameters.asFloatBuffer().put(read(golden, "start", 100));
    AdamW optimizer = new AdamW(layout, 0, 100, OPTIONS);
    for (int step = 0; step < 5; step++) {
      ByteBuffer gradient = FlatMath.allocate(100);
      gradient.asFloatBuffer().put(gradients, step * 100, 100);
      optimizer.step(parameters, gradient, rates[step], 1);
    }
    float[] end = read(golden, "end", 100);
    for (int i = 0; i < 100; i++) {
      assertThat(parameters.getFloat(i * Float.BYTES)).isCloseTo(end[i], within(1e-6f));
    }
  }

  private static float[] read(Safetensors file, String name, int length) {
    FloatBuffer target = FloatBuffer.allocate(length);
    file.read(name, target);
    return target.array();
  }

  /** Shards at any border, restored halfway, give the very bits of one optimizer for all. */
  @Property(tries = 30)
  void shardsGiveTheSameBits(@ForAll @IntRange(max = 5008) int border) {
    Layout layout = layout(3001, 2000);
    int size = layout.size();
    ByteBuffer whole = random(size, 1);
    ByteBuffer sharded = random(size, 1);
    AdamW one = new AdamW(layout, 0, size, OPTIONS);
    AdamW left = new AdamW(layout, 0, border, OPTIONS);
    AdamW right = new AdamW(layout, border, size, OPTIONS);
    for (int step = 0; step < 3; step++) {
      ByteBuffer gradients = random(size, 10 + step);
      one.step(whole, gradients, 0.01, 0.5);
      left.step(sharded, gradients, 0.01, 0.5);
      right.step(sharded, gradients, 0.01, 0.5);
      right = restored(right, layout, border);
    }
    assertThat(sharded).isEqualTo(whole);
  }

  @Test
  void severalRangesAreOneOptimizer() {
    Layout layout = layout(3001, 2000);
    int size = layout.size();
    ByteBuffer whole = random(size, 1);
    ByteBuffer sharded = random(size, 1);
    AdamW one = new AdamW(layout, 0, size, OPTIONS);
    AdamW outer = new AdamW(layout, List.of(new Range(0, 70), new Range(3000, size)), OPTIONS);
    AdamW inner = new AdamW(layout, 70, 3000, OPTIONS);
    for (int step = 0; step < 3; step++) {
      ByteBuffer gradients = random(size, 10 + step);
      one.step(whole, gradients, 0.01, 0.5);
      outer.step(sharded, gradients, 0.01, 0.5);
      inner.step(sharded, gradients, 0.01, 0.5);
    }
    assertThat(sharded).isEqualTo(whole);
    assertThat(outer.firstMoment().limit() + inner.firstMoment().limit()).isEqualTo(4 * size);
  }

  private static AdamW restored(AdamW saved, Layout layout, int border) {
    AdamW fresh = new AdamW(layout, border, layout.size(), OPTIONS);
    FlatMath.copy(saved.firstMoment(), fresh.firstMoment());
    FlatMath.copy(saved.secondMoment(), fresh.secondMoment());
    fresh.steps(saved.steps());
    return fresh;
  }

  @Test
  void decayLeavesNormsAlone() {
    Layout layout = layout(10, 10);
    ByteBuffer parameters = random(layout.size(), 1);
    ByteBuffer before = random(layout.size(), 1);
    new AdamW(layout, 0, layout.size(), OPTIONS)
        .step(parameters, FlatMath.allocate(layout.size()), 0.5, 1);
    for (int i = 0; i < 10; i++) {
      float matrix = before.getFloat(i * Float.BYTES);
      assertThat(parameters.getFloat(i * Float.BYTES)).isCloseTo(matrix * 0.95f, within(1e-6f));
      int vector = (16 + i) * Float.BYTES;
      assertThat(parameters.getFloat(vector)).isEqualTo(before.getFloat(vector));
    }
  }

  @Test
  void refusesWhatMakesNoSense() {
    assertThatThrownBy(() -> new AdamW.Options(1, 0.9, 1e-8, 0))
        .hasMessage("beta1: 1.0 (expected: in [0, 1))");
    assertThatThrownBy(() -> new AdamW(layout(10, 10), 5, 27, OPTIONS))
        .hasMessage("range: 5 to 27 (expected: within 0 to 26)");
  }

  @Test
  void flatMathAddsAndTakesNorms() {
    ByteBuffer a = random(5000, 1);
    ByteBuffer b = random(5000, 2);
    double sum = 0;
    for (int i = 0; i < 5000; i++) {
      double value = a.getFloat(4 * i) + b.getFloat(4 * i);
      sum += value * value;
    }
    FlatMath.add(a, b);
    assertThat(FlatMath.norm(a)).isCloseTo(Math.sqrt(sum), within(1e-5));
    assertThat(FlatMath.clipScale(4, 1)).isEqualTo(0.25);
    assertThat(FlatMath.clipScale(4, 0)).isEqualTo(1);
    FlatMath.clear(a);
    assertThat(FlatMath.norm(a)).isZero();
    b.putFloat(8, Float.NaN);
    assertThat(FlatMath.norm(b)).isNaN();
    assertThatThrownBy(() -> FlatMath.add(a, FlatMath.allocate(3)))
        .hasMessage("buffers of 20000 and 12 bytes (expected: the same)");
  }

  @Test
  void schedulesRiseAndFall() {
    Schedule cosine = Schedule.warmUp(4, Schedule.cosine(1, 0.1, 10));
    assertThat(cosine.rate(0)).isCloseTo(0.25, within(1e-12));
    assertThat(cosine.rate(5)).isCloseTo(0.55, within(1e-12));
    assertThat(cosine.rate(10)).isCloseTo(0.1, within(1e-12));
    assertThat(cosine.rate(99)).isCloseTo(0.1, within(1e-12));
    assertThat(Schedule.linear(1, 0, 10).rate(5)).isCloseTo(0.5, within(1e-12));
    assertThat(Schedule.constant(3).rate(7)).isEqualTo(3);
  }
}
