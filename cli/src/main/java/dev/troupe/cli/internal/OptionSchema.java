package dev.troupe.cli.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.troupe.proto.v1.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

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
   * @param limits as in {@code >= 1}; "" if there are none
   * @param defaultValue as typed; "" if there is none
   * @param path whether it names a file or a folder
   */
  public record OptionDoc(
      String name,
      String type,
      String limits,
      boolean required,
      String defaultValue,
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

  /** Whether the option {@code name} is a path, or a list of paths. */
  public boolean isPath(String name) {
    return options.stream().anyMatch(o -> o.name().equals(name) && o.path());
  }

  private static OptionDoc option(String name, Map<?, ?> property, boolean required) {
    Map<?, ?> items = property.get("items") instanceof Map<?, ?> map ? map : Map.of();
    boolean path = "path".equals(property.get("format")) || "path".equals(items.get("format"));
    return new OptionDoc(
        name,
        type(property, items, path),
        limits(property),
        required,
        text(property.get("default")),
        path,
        text(property.get("description")));
  }

  private static String type(Map<?, ?> property, Map<?, ?> items, boolean path) {
    if (property.get("enum") instanceof List<?> values) {
      return String.join("|", values.stream().map(String::valueOf).toList());
    } else if ("array".equals(property.get("type"))) {
      return "list of " + type(items, Map.of(), path);
    } else if (path) {
      return "path";
    } else if (property.get("type") instanceof List<?> types) {
      return String.join("|", types.stream().map(String::valueOf).toList());
    }
    return text(property.get("type"));
  }

  private static String limits(Map<?, ?> property) {
    List<String> limits = new ArrayList<>();
    addLimit(limits, ">= ", property.get("minimum"));
    addLimit(limits, "> ", property.get("exclusiveMinimum"));
    addLimit(limits, "<= ", property.get("maximum"));
    addLimit(limits, "< ", property.get("exclusiveMaximum"));
    return String.join(", ", limits);
  }

  private static void addLimit(List<String> limits, String sign, Object value) {
    if (value instanceof Number number) {
      limits.add(sign + Format.number(number.doubleValue()));
    }
  }

  private static String text(Object value) {
    if (value instanceof List || value instanceof Map) {
      return Json.compact(value);
    }
    return value == null ? "" : value.toString();
  }
}
