package dev.troupe.core.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.troupe.core.Json;
import dev.troupe.core.options.OptionsCheck.Checked;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptionsTest {

  enum Keep {
    NEWEST,
    KEEP_BEST
  }

  record Options(
      @Doc("a folder") String data,
      @Doc("tokens of an example") @Default("512") @Min(1) int maxTokens,
      @Doc("seed") @Default("42") long seed,
      @Default("1e-3") @Above(0) @Max(1) double learningRate,
      @Default("false") boolean shuffle,
      @Default("keep-best") Keep keep,
      @Default("1,2") @Min(0) List<Integer> sizes,
      Optional<String> out,
      Optional<Keep> other) {}

  record Even(@Default("2") int size) {
    Even {
      if (size % 2 != 0) {
        throw new IllegalArgumentException("size: " + size + " (expected: even)");
      }
    }
  }

  private static final JsonNode SCHEMA = OptionsSchema.of(Options.class);

  private static Checked check(Map<String, ?> given) {
    return OptionsCheck.normalize(SCHEMA, Json.mapper().valueToTree(given));
  }

  private static List<String> complaints(String name, Object value) {
    return check(Map.of("data", "d", name, value)).violations().stream()
        .map(Violation::toString)
        .toList();
  }

  @Test
  void theSchemaSaysAllThatTheRecordSays() {
    assertThat(SCHEMA)
        .isEqualTo(
            Json.readTree(
                """
                {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
                 "properties": {
                  "data": {"type": "string", "description": "a folder"},
                  "maxTokens": {"type": "integer", "format": "int32", "minimum": 1,
                                "description": "tokens of an example", "default": 512},
                  "seed": {"type": "integer", "format": "int64", "description": "seed", "default": 42},
                  "learningRate": {"type": "number", "format": "double", "exclusiveMinimum": 0,
                                   "maximum": 1, "default": 0.001},
                  "shuffle": {"type": "boolean", "default": false},
                  "keep": {"type": "string", "enum": ["newest", "keep-best"], "default": "keep-best"},
                  "sizes": {"type": "array", "default": [1, 2],
                            "items": {"type": "integer", "format": "int32", "minimum": 0}},
                  "out": {"type": "string"},
                  "other": {"type": "string", "enum": ["newest", "keep-best"]}},
                 "required": ["data"], "additionalProperties": false}
                """));
    assertThat(SCHEMA.get("properties").fieldNames())
        .toIterable()
        .startsWith("data", "maxTokens", "seed", "learningRate");
  }

  @Test
  void defaultsAreFilledInAndAbsentOptionalsAreLeftOut() {
    assertThat(check(Map.of("data", "d")).json())
        .isEqualTo(
            "{\"data\":\"d\",\"maxTokens\":512,\"seed\":42,\"learningRate\":0.001,"
                + "\"shuffle\":false,\"keep\":\"keep-best\",\"sizes\":[1,2]}");
  }

  @ParameterizedTest
  @CsvSource({
    "maxTokens, 8, 8",
    "maxTokens, 8.0, 8",
    "maxTokens, 1e3, 1000",
    "seed, -9223372036854775808, -9223372036854775808",
    "learningRate, 1e-3, 0.001",
    "shuffle, TRUE, true",
    "keep, KEEP_BEST, \"keep-best\"",
    "sizes, '3, 4', '[3,4]'",
    "sizes, '', '[]'",
    "out, 007, \"007\"",
  })
  void textIsReadAsTheOptionsType(String name, String text, String expected) {
    Checked checked = check(Map.of("data", "d", name, text));
    assertThat(checked.violations()).isEmpty();
    assertThat(checked.options().get(name).toString()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "maxTokens | -1 | maxTokens: -1 (expected: >= 1)",
        "maxTokens | 1.5 | maxTokens: 1.5 (expected: an integer, >= 1)",
        "maxTokens | many | maxTokens: many (expected: an integer, >= 1)",
        "maxTokens | '' | maxTokens: '' (expected: an integer, >= 1)",
        "maxTokens | 99999999999 | maxTokens: 99999999999 (expected: an integer from -2147483648 to 2147483647)",
        "seed | 1e999999999 | seed: 1e999999999 (expected: an integer from -9223372036854775808 to 9223372036854775807)",
        "seed | 1e-999999999 | seed: 1e-999999999 (expected: an integer)",
        "learningRate | NaN | learningRate: NaN (expected: a finite number)",
        "learningRate | -Infinity | learningRate: -Infinity (expected: a finite number)",
        "learningRate | 0 | learningRate: 0 (expected: > 0 and <= 1)",
        "learningRate | 1e999 | learningRate: 1e999 (expected: a number from -1.7976931348623157E308 to 1.7976931348623157E308)",
        "shuffle | yes | shuffle: yes (expected: true or false)",
        "keep | newst | keep: newst (expected: one of newest, keep-best; did you mean newest?)",
        "sizes | 1,x | sizes[1]: x (expected: an integer, >= 0)",
        "learningrate | 1 | learningrate: no such option (did you mean learningRate?)",
        "max-tokens | 1 | max-tokens: no such option (did you mean maxTokens?)",
      })
  void whatIsWrongIsSaidByNameValueAndExpectation(String name, String text, String complaint) {
    assertThat(complaints(name, text)).containsExactly(complaint);
  }

  @Test
  void valuesOfTheWrongJsonTypeAreRefused() {
    assertThat(complaints("out", 7))
        .containsExactly("out: 7 (expected: a string; put it in quotes)");
    assertThat(complaints("maxTokens", true))
        .containsExactly("maxTokens: true (expected: an integer, >= 1)");
    assertThat(complaints("seed", List.of(1))).containsExactly("seed: [1] (expected: an integer)");
    assertThat(complaints("learningRate", Double.NaN))
        .containsExactly("learningRate: NaN (expected: a finite number)");
    assertThat(complaints("sizes", Map.of()))
        .containsExactly("sizes: {} (expected: a list, each an integer, >= 0)");
  }

  @Test
  void aMissingOptionIsExplainedAndAllComplaintsComeAtOnce() {
    assertThat(check(Map.of("maxTokens", 0, "qqqqqqqq", 1)).violations())
        .extracting(Violation::toString)
        .containsExactly(
            "qqqqqqqq: no such option (expected: one of data, maxTokens, seed, learningRate,"
                + " shuffle, keep, sizes, out, other)",
            "data: missing (expected: a string; a folder)",
            "maxTokens: 0 (expected: >= 1)");
    assertThat(OptionsCheck.normalize(SCHEMA, Json.readTree("[1]")).violations())
        .extracting(Violation::toString)
        .containsExactly("options: [1] (expected: an object)");
  }

  @Test
  void jsonBindsToTheRecord() {
    Options options =
        OptionsBinder.bind(
            "{\"data\":\"d\",\"maxTokens\":8.0,\"other\":\"newest\",\"sizes\":[5]}", Options.class);
    assertThat(options)
        .isEqualTo(
            new Options(
                "d",
                8,
                42,
                1e-3,
                false,
                Keep.KEEP_BEST,
                List.of(5),
                Optional.empty(),
                Optional.of(Keep.NEWEST)));
  }

  @Test
  void aConstructorThatRefusesNamesItsField() {
    assertThatThrownBy(() -> OptionsBinder.bind("{\"size\":3}", Even.class))
        .isInstanceOfSatisfying(
            OptionsException.class,
            e ->
                assertThat(e.violations())
                    .containsExactly(new Violation("size", "3 (expected: even)")));
  }

  @Test
  void aRecordThatCannotBeASchemaIsAnErrorOfItsAuthor() {
    record Nested(Options inner) {}
    record BadDefault(@Default("x") int size) {}
    assertThatThrownBy(() -> OptionsSchema.of(Nested.class)).hasMessageContaining("Nested.inner");
    assertThatThrownBy(() -> OptionsSchema.of(BadDefault.class))
        .hasMessageContaining("size: x (expected: an integer)");
  }

  @Test
  void pathsAreMarkedForTheCommandLine() {
    record Files(@FilePath String model, @FilePath List<String> data, String name) {}
    JsonNode properties = OptionsSchema.of(Files.class).path("properties");
    assertThat(properties.at("/model/format").asText()).isEqualTo("path");
    assertThat(properties.at("/data/items/format").asText()).isEqualTo("path");
    assertThat(properties.at("/name").has("format")).isFalse();
  }

  @Property(tries = 200)
  void aNormalizedObjectIsItsOwnNormalForm(
      @ForAll @IntRange(min = 1) int maxTokens,
      @ForAll long seed,
      @ForAll @DoubleRange(min = 0, max = 1, minIncluded = false) double rate,
      @ForAll boolean shuffle,
      @ForAll List<@IntRange(min = 0) Integer> sizes) {
    Map<String, Object> given =
        Map.of(
            "data",
            "d",
            "maxTokens",
            maxTokens,
            "seed",
            seed,
            "learningRate",
            rate,
            "shuffle",
            shuffle,
            "sizes",
            sizes);
    Checked once = check(given);
    assertThat(once.violations()).isEmpty();
    Checked twice = OptionsCheck.normalize(SCHEMA.toString(), once.json());
    assertThat(twice.json()).isEqualTo(once.json());
    Options bound = OptionsBinder.bind(once.json(), Options.class);
    assertThat(bound.seed()).isEqualTo(seed);
    assertThat(bound.learningRate()).isEqualTo(rate);
    assertThat(bound.sizes()).isEqualTo(sizes);
  }

  @Property(tries = 200)
  void noTextMakesTheCheckThrow(@ForAll String name, @ForAll String text) {
    var given = JsonNodeFactory.instance.objectNode();
    for (String option :
        List.of("data", "maxTokens", "seed", "learningRate", "shuffle", "keep", "sizes")) {
      given.put(option, text);
    }
    given.put(name, text);
    Checked checked = OptionsCheck.normalize(SCHEMA, given);
    checked.violations().forEach(v -> assertThat(v.toString()).startsWith(v.field() + ": "));
  }

  @Property(tries = 200)
  void distanceIsSymmetricAndZeroOnlyForEquals(@ForAll String a, @ForAll String b) {
    assertThat(Nearest.distance(a, b)).isEqualTo(Nearest.distance(b, a));
    assertThat(Nearest.distance(a, b) == 0).isEqualTo(a.equals(b));
    assertThat(Nearest.distance(a, b)).isLessThanOrEqualTo(Math.max(a.length(), b.length()));
  }

  @Test
  void nearestIsSilentAboutWhatIsFar() {
    assertThat(Nearest.to("lerning-rate", List.of("learningRate", "seed")))
        .contains("learningRate");
    assertThat(Nearest.to("sede", List.of("learningRate", "seed"))).contains("seed");
    assertThat(Nearest.to("colour", List.of("learningRate", "seed"))).isEmpty();
    assertThat(Nearest.distance("ab", "ba")).isEqualTo(1);
  }
}
