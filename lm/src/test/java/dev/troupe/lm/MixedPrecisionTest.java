package dev.troupe.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.troupe.tensor.FlatMath;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * bf16 is as close to fp32 as torch's autocast is in transformers, whose distance {@code
 * src/test/python/bf16.py} measures.
 */
class MixedPrecisionTest {

  static final List<String> MODELS = Golden.MODELS;

  private static JsonNode autocast(String name) throws Exception {
    try (InputStream file = MixedPrecisionTest.class.getResourceAsStream("/golden/bf16.json")) {
      return new ObjectMapper().readTree(file).get(name);
    }
  }

  private static CausalLm load(String name, Precision precision) throws Exception {
    return CausalLm.load(Golden.folder(name), 4000, precision);
  }

  @ParameterizedTest
  @FieldSource("MODELS")
  void isAsExactAsAutocast(String name) throws Exception {
    JsonNode expected = Golden.expected(name);
    double divisor = expected.get("divisor").asDouble();
    try (CausalLm exact = load(name, Precision.FP32);
        CausalLm mixed = load(name, Precision.BF16)) {
      assertThat(mixed.weightsSha256()).isEqualTo(exact.weightsSha256());
      Batch batch = Batch.packed(Golden.examples(expected), exact.config().context());
      ByteBuffer ours = FlatMath.allocate(exact.layout().size());
      ByteBuffer theirs = FlatMath.allocate(exact.layout().size());
      double loss = mixed.forwardBackward(batch, divisor, ours, bucket -> {}).sum();
      mixed.recompute(true);
      ByteBuffer again = FlatMath.allocate(exact.layout().size());
      mixed.forwardBackward(batch, divisor, again, bucket -> {});
      assertThat(again).isEqualTo(ours);
      exact.forwardBackward(batch, divisor, theirs, bucket -> {});

      double tolerance = 0.01 * expected.get("loss").asDouble();
      assertThat(loss).isCloseTo(autocast(name).get("loss").asDouble(), offset(tolerance));
      assertThat(mixed.evaluate(batch).sum()).isCloseTo(loss, offset(1e-5 * loss));
      assertThat(relativeDistance(ours, theirs))
          .isBetween(1e-4, 1.5 * autocast(name).get("gradientError").asDouble());
    }
  }

  private static double relativeDistance(ByteBuffer values, ByteBuffer exact) {
    double difference = 0;
    for (int i = 0; i < exact.limit(); i += Float.BYTES) {
      double d = values.getFloat(i) - exact.getFloat(i);
      difference += d * d;
    }
    return Math.sqrt(difference) / FlatMath.norm(exact);
  }

  @ParameterizedTest
  @FieldSource("MODELS")
  void generates(String name) throws Exception {
    try (CausalLm model = load(name, Precision.BF16)) {
      int[] prompt = Golden.examples(Golden.expected(name)).get(0).tokens();
      assertThat(model.generate(List.of(prompt), 3, Set.of()).get(0)).hasSize(3);
    }
  }
}
