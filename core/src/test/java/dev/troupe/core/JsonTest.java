package dev.troupe.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JsonTest {

  record Point(double x, double y) {}

  record Sample(long seed, Optional<String> note, Duration limit, List<Point> points)
      implements Task<Map<String, List<Point>>> {

    boolean isEmpty() {
      return points.isEmpty();
    }

    double getMean() {
      return 0;
    }

    @Override
    public Map<String, List<Point>> run(TaskContext context) {
      return Map.of();
    }
  }

  interface Named<T> extends Task<List<T>> {}

  record Nothing() implements Named<Integer> {
    @Override
    public List<Integer> run(TaskContext context) {
      return List.of();
    }
  }

  @Test
  void aRecordComesBackEqualAndItsHelpersAreNoProperties() {
    Sample sample =
        new Sample(7, Optional.empty(), Duration.ofMillis(1500), List.of(new Point(1, 0.1)));
    String json = Json.write(sample);
    assertThat(json)
        .isEqualTo(
            "{\"seed\":7,\"note\":null,\"limit\":\"PT1.5S\",\"points\":[{\"x\":1.0,\"y\":0.1}]}");
    assertThat(Json.read(json, Sample.class)).isEqualTo(sample);
    assertThat(Json.write(new Nothing())).isEqualTo("{}");
    assertThat(Json.read("{}", Nothing.class)).isEqualTo(new Nothing());
  }

  @Test
  void mapsWithoutAnOrderAreWrittenInTheOrderOfTheirKeys() {
    Map<String, Integer> map = new HashMap<>();
    List.of("pear", "apple", "fig", "zebra").forEach(k -> map.put(k, 1));
    assertThat(Json.write(map)).isEqualTo("{\"apple\":1,\"fig\":1,\"pear\":1,\"zebra\":1}");
  }

  @Test
  void aResultKeepsTheOrderInWhichItWasFilled() {
    assertThat(Json.toTree(Result.of("zeta", 1).and("alpha", new Point(1, 2))))
        .hasToString("{\"zeta\":1,\"alpha\":{\"x\":1.0,\"y\":2.0}}");
  }

  @Test
  void unknownPropertiesMissingPrimitivesAndTrailingTextAreErrors() {
    assertThatThrownBy(() -> Json.read("{\"x\":1,\"y\":2,\"z\":3}", Point.class))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"z\"");
    assertThatThrownBy(() -> Json.read("{\"x\":1,\"y\":null}", Point.class))
        .hasMessageContaining("null");
    assertThatThrownBy(() -> Json.readTree("{} {}")).hasMessageContaining("JsonNode");
  }

  @Test
  void theResultTypeOfATaskIsFoundThroughItsInterfaces() {
    assertThat(Json.resultType(Sample.class, Task.class).toCanonical())
        .isEqualTo(
            "java.util.Map<java.lang.String,java.util.List<dev.troupe.core.JsonTest$Point>>");
    var numbers = Json.resultType(Nothing.class, Task.class);
    assertThat(Json.read("[1,2]", numbers)).isEqualTo(List.of(1, 2));
    assertThatThrownBy(() -> Json.resultType(Point.class, Task.class))
        .hasMessageContaining("dev.troupe.core.Task");
  }
}
