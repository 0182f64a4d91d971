package dev.troupe.core.options;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.core.options.internal.ValueCheck;
import java.lang.annotation.Annotation;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * Makes the JSON Schema (draft 2020-12) of a workload's options from its record. Workers announce
 * it, coordinators check against it, {@code troupe workloads NAME} prints it.
 *
 * <p>A component is an {@code int}, {@code long}, {@code float}, {@code double}, {@code boolean}
 * (or its box), a {@link String}, an enum, a {@link List} of these or an {@link Optional} of any of
 * these. {@link Min}, {@link Max} and {@link Above} of a list hold for its items.
 */
public final class OptionsSchema {

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private static final Map<Class<?>, Scalar> SCALARS =
      Map.ofEntries(
          Map.entry(int.class, new Scalar("integer", "int32")),
          Map.entry(Integer.class, new Scalar("integer", "int32")),
          Map.entry(long.class, new Scalar("integer", "int64")),
          Map.entry(Long.class, new Scalar("integer", "int64")),
          Map.entry(float.class, new Scalar("number", "float")),
          Map.entry(Float.class, new Scalar("number", "float")),
          Map.entry(double.class, new Scalar("number", "double")),
          Map.entry(Double.class, new Scalar("number", "double")),
          Map.entry(boolean.class, new Scalar("boolean", null)),
          Map.entry(Boolean.class, new Scalar("boolean", null)),
          Map.entry(String.class, new Scalar("string", null)));

  private record Scalar(String type, String format) {}

  private OptionsSchema() {}

  /**
   * The schema of a record of options: properties in the order of its components, each with type,
   * description, default and bounds.
   *
   * @throws IllegalArgumentException if a component's type is none of those above, or its default
   *     does not fit it
   */
  public static ObjectNode of(Class<? extends Record> options) {
    ObjectNode schema = NODES.objectNode();
    schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    schema.put("type", "object");
    ObjectNode properties = schema.putObject("properties");
    ArrayNode required = NODES.arrayNode();
    for (RecordComponent component : options.getRecordComponents()) {
      ObjectNode property = property(options, component);
      properties.set(component.getName(), property);
      if (!property.has("default") && component.getType() != Optional.class) {
        required.add(component.getName());
      }
    }
    schema.set("required", required);
    schema.put("additionalProperties", false);
    return schema;
  }

  /** How an enum's constant is written by users: {@code KEEP_LAST} as {@code keep-last}. */
  public static String enumText(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static ObjectNode property(Class<?> options, RecordComponent component) {
    Type type = component.getGenericType();
    if (component.getType() == Optional.class) {
      type = argument(options, component, type);
    }
    ObjectNode property = NODES.objectNode();
    ObjectNode bounded = property;
    if (raw(type) == List.class) {
      property.put("type", "array");
      bounded = property.putObject("items");
      type = argument(options, component, type);
    }
    scalar(options, component, type, bounded);
    if (component.isAnnotationPresent(FilePath.class)) {
      bounded.put("format", "path");
    }
    bound(component, Min.class, Min::value, "minimum", bounded);
    bound(component, Above.class, Above::value, "exclusiveMinimum", bounded);
    bound(component, Max.class, Max::value, "maximum", bounded);
    Doc doc = component.getAnnotation(Doc.class);
    if (doc != null) {
      property.put("description", doc.value());
    }
    Default byDefault = component.getAnnotation(Default.class);
    if (byDefault != null) {
      property.set("default", defaultOf(options, component, property, byDefault.value()));
    }
    return property;
  }

  private static void scalar(
      Class<?> options, RecordComponent component, Type type, ObjectNode into) {
    Class<?> raw = raw(type);
    Scalar scalar = SCALARS.get(raw);
    if (scalar != null) {
      into.put("type", scalar.type());
      if (scalar.format() != null) {
        into.put("format", scalar.format());
      }
    } else if (raw != null && raw.isEnum()) {
      into.put("type", "string");
      ArrayNode values = into.putArray("enum");
      for (Object constant : raw.getEnumConstants()) {
        values.add(enumText((Enum<?>) constant));
      }
    } else {
      throw unsupported(options, component);
    }
  }

  private static <A extends Annotation> void bound(
      RecordComponent component,
      Class<A> annotation,
      ToDoubleFunction<A> value,
      String keyword,
      ObjectNode into) {
    A present = component.getAnnotation(annotation);
    if (present != null) {
      into.set(keyword, shortest(value.applyAsDouble(present)));
    }
  }

  /** 1.0 as 1, so that messages and listings read well. */
  private static JsonNode shortest(double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1L << 53) {
      long whole = (long) value;
      return whole == (int) whole ? IntNode.valueOf((int) whole) : LongNode.valueOf(whole);
    }
    return DecimalNode.valueOf(new BigDecimal(Double.toString(value)));
  }

  private static JsonNode defaultOf(
      Class<?> options, RecordComponent component, ObjectNode property, String text) {
    List<Violation> violations = new ArrayList<>();
    JsonNode value =
        ValueCheck.check(component.getName(), property, NODES.textNode(text), violations);
    if (!violations.isEmpty()) {
      throw new IllegalArgumentException(
          "@Default of " + options.getName() + ": " + violations.get(0));
    }
    return value;
  }

  private static Class<?> raw(Type type) {
    if (type instanceof ParameterizedType parameterized) {
      return (Class<?>) parameterized.getRawType();
    }
    return type instanceof Class<?> plain ? plain : null;
  }

  private static Type argument(Class<?> options, RecordComponent component, Type type) {
    if (type instanceof ParameterizedType parameterized) {
      return parameterized.getActualTypeArguments()[0];
    }
    throw unsupported(options, component);
  }

  private static IllegalArgumentException unsupported(Class<?> options, RecordComponent component) {
    return new IllegalArgumentException(
        options.getName()
            + "."
            + component.getName()
            + ": "
            + component.getGenericType().getTypeName()
            + " (expected: a number, boolean, String, enum, List of these, or Optional of these)");
  }
}
