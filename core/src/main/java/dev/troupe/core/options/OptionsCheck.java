package dev.troupe.core.options;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.core.Json;
import dev.troupe.core.options.internal.ValueCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * Checks options against a workload's schema, as made by {@link OptionsSchema}. Needs the schema
 * alone and no class of the workload, so a coordinator can do it.
 */
public final class OptionsCheck {

  /**
   * What came out.
   *
   * @param options every option in the schema's order, defaults filled in; complete only if there
   *     are no violations
   * @param violations empty if the options are valid
   */
  public record Checked(ObjectNode options, List<Violation> violations) {

    public boolean isValid() {
      return violations.isEmpty();
    }

    /** The options as JSON. */
    public String json() {
      return options.toString();
    }

    /**
     * The options.
     *
     * @throws OptionsException if there are violations
     */
    public ObjectNode orThrow() {
      if (!isValid()) {
        throw new OptionsException(violations);
      }
      return options;
    }
  }

  private OptionsCheck() {}

  /**
   * As {@link #normalize(JsonNode, JsonNode)}, from text.
   *
   * @throws IllegalArgumentException if either is not JSON
   */
  public static Checked normalize(String schemaJson, String givenJson) {
    return normalize(Json.readTree(schemaJson), Json.readTree(givenJson));
  }

  /**
   * Fills in defaults and brings values into their option's type: {@code "8"} to 8, {@code "true"}
   * to true, {@code "a,b"} to a list. A null counts as not given.
   */
  public static Checked normalize(JsonNode schema, JsonNode given) {
    ObjectNode options = JsonNodeFactory.instance.objectNode();
    List<Violation> violations = new ArrayList<>();
    if (!given.isObject()) {
      violations.add(new Violation("options", given + " (expected: an object)"));
      return new Checked(options, violations);
    }
    JsonNode properties = schema.path("properties");
    given
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!properties.has(name)) {
                violations.add(new Violation(name, unknown(name, properties)));
              }
            });
    TreeSet<String> required = new TreeSet<>();
    schema.path("required").forEach(name -> required.add(name.asText()));
    properties
        .properties()
        .forEach(
            entry -> {
              String name = entry.getKey();
              JsonNode property = entry.getValue();
              if (given.hasNonNull(name)) {
                JsonNode value = ValueCheck.check(name, property, given.get(name), violations);
                if (value != null) {
                  options.set(name, value);
                }
              } else if (property.has("default")) {
                options.set(name, property.get("default"));
              } else if (required.contains(name)) {
                violations.add(new Violation(name, missing(property)));
              }
            });
    return new Checked(options, List.copyOf(violations));
  }

  private static String unknown(String name, JsonNode properties) {
    List<String> names = new ArrayList<>();
    properties.fieldNames().forEachRemaining(names::add);
    return Nearest.to(name, names)
        .map(near -> "no such option (did you mean " + near + "?)")
        .orElseGet(
            () ->
                names.isEmpty()
                    ? "no such option (there are none)"
                    : "no such option (expected: one of " + String.join(", ", names) + ")");
  }

  private static String missing(JsonNode property) {
    String doc = property.path("description").asText("");
    return "missing (expected: "
        + ValueCheck.expected(property)
        + (doc.isEmpty() ? "" : "; " + doc)
        + ")";
  }
}
