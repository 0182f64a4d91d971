package dev.troupe.cli.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.troupe.proto.v1.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A workload's options as its JSON Schema has them.
 *
 * @param options in the order of the record
 */
public record OptionSchema(List<OptionDoc> options) {

  /**
   * One option.
   *
   * @param type as in {@code integer}
   * @param limits as in {@code >= 1} or {@code 0 to 0.5}; "" if there are none
   * @param defaultValue null if there is none
   * @param list whether it takes several values, with commas between
   * @param path whether it names a file or a folder, or several
   */
  public record OptionDoc(
      String name,
      String type,
      String limits,
      boolean required,
      Object defaultValue,
      boolean list,
      boolean path,
      String doc) {}

  /** Reads the schema that the cluster gave for {@code workload}. */
  public static OptionSchema of(Workload workload) {
    Map<String, Object> schema;
    try {
      schema = Json.parseJsonObject(workload.getOptionsSchema());
    } catch (JsonProcessingException e) {
      throw new CliException(
          ExitCode.FAILED,
          "the cluster's schema of workload " + workload.getName() + " is no JSON object",
          e);
    }
    List<?> required = schema.get("required") instanceof List<?> list ? list : List.of();
    List<OptionDoc> options = new ArrayList<>();
    if (schema.get("properties") instanceof Map<?, ?> properties) {
      properties.forEach(
          (name, property) -> {
            if (property instanceof Map<?, ?> map) {
              options.add(option(String.valueOf(name), map, required.contains(name)));
            }
          });
    }
    return new OptionSchema(List.copyOf(options));
  }

  /** The option of that name, if there is one. */
  public Optional<OptionDoc> find(String name) {
    return options.stream().filter(o -> o.name().equals(name)).findFirst();
  }

  private static OptionDoc option(String name, Map<?, ?> property, boolean required) {
    Map<?, ?> items = property.get("items") instanceof Map<?, ?> map ? map : Map.of();
    boolean path = "path".equals(property.get("format")) || "path".equals(items.get("format"));
    return new OptionDoc(
        name,
        type(property, items, path),
        limits(items.isEmpty() ? property : items),
        required,
        property.get("default"),
        "array".equals(property.get("type")),
        path,
        text(property.get("description")));
  }

  private static String type(Map<?, ?> property, Map<?, ?> items, boolean path) {
    if (property.get("enum") instanceof List<?> values) {
      return String.join("|", values.stream().map(String::valueOf).toList());
    } else if ("array".equals(property.get("type"))) {
      return "list of " + type(items, Map.of(), path) + (items.get("enum") == null ? "s" : "");
    } else if (path) {
      return "path";
    } else if (property.get("type") instanceof List<?> types) {
      return String.join("|", types.stream().map(String::valueOf).toList());
    }
    return text(property.get("type"));
  }

  private static String limits(Map<?, ?> property) {
    String least = number(property.get("minimum"));
    String above = number(property.get("exclusiveMinimum"));
    String most = number(property.get("maximum"));
    if (above.isEmpty() && !least.isEmpty() && !most.isEmpty()) {
      return least + " to " + most;
    }
    List<String> limits = new ArrayList<>();
    addLimit(limits, "> ", above);
    addLimit(limits, ">= ", least);
    addLimit(limits, "<= ", most);
    return String.join(", ", limits);
  }

  private static void addLimit(List<String> limits, String sign, String limit) {
    if (!limit.isEmpty()) {
      limits.add(sign + limit);
    }
  }

  private static String number(Object value) {
    return value instanceof Number number ? Format.exact(number.doubleValue()) : "";
  }

  private static String text(Object value) {
    return value == null ? "" : value.toString();
  }
}
