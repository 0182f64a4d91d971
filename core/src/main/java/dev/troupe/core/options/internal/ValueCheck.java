package dev.troupe.core.options.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.troupe.core.options.Nearest;
import dev.troupe.core.options.Violation;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Checks one value against its property's schema and brings it into the property's type. */
public final class ValueCheck {

  /** Longer values are cut in messages. */
  private static final int SHOWN_CHARS = 80;

  /** Beyond it, a decimal's digits would have to be written out to tell whether it is whole. */
  private static final int MAX_EXPONENT = 400;

  private ValueCheck() {}

  /**
   * Returns the value in the property's type; if it does not fit, adds to {@code violations} and
   * returns null.
   */
  public static JsonNode check(
      String field, JsonNode property, JsonNode value, List<Violation> violations) {
    return switch (property.path("type").asText()) {
      case "array" -> array(field, property, value, violations);
      case "integer" -> integer(field, property, value, violations);
      case "number" -> number(field, property, value, violations);
      case "boolean" -> bool(field, value, violations);
      default -> string(field, property, value, violations);
    };
  }

  /** What a value of this property looks like, as in {@code an integer > 0}. */
  public static String expected(JsonNode property) {
    return switch (property.path("type").asText()) {
      case "array" ->
          isPath(property.path("items"))
              ? "a list of paths"
              : "a list, each " + expected(property.path("items"));
      case "integer" -> join("an integer", range(property));
      case "number" -> join("a number", range(property));
      case "boolean" -> "true or false";
      default ->
          property.has("enum")
              ? "one of " + String.join(", ", enumValues(property))
              : isPath(property) ? "a path" : "a string";
    };
  }

  private static boolean isPath(JsonNode property) {
    return "path".equals(property.path("format").asText());
  }

  private static JsonNode array(
      String field, JsonNode property, JsonNode value, List<Violation> violations) {
    List<JsonNode> items = new ArrayList<>();
    if (value.isArray()) {
      value.forEach(items::add);
    } else if (value.isTextual()) {
      if (!value.textValue().isBlank()) {
        for (String item : value.textValue().split(",", -1)) {
          items.add(TextNode.valueOf(item.strip()));
        }
      }
    } else if (value.isValueNode()) {
      items.add(value);
    } else {
      return refuse(field, value, expected(property), violations);
    }
    ArrayNode checked = JsonNodeFactory.instance.arrayNode();
    for (int i = 0; i < items.size(); i++) {
      JsonNode item =
          check(field + "[" + i + "]", property.path("items"), items.get(i), violations);
      if (item != null) {
        checked.add(item);
      }
    }
    return checked;
  }

  private static JsonNode integer(
      String field, JsonNode property, JsonNode value, List<Violation> violations) {
    BigDecimal decimal = decimal(value);
    if (decimal == null || decimal.stripTrailingZeros().scale() > 0) {
      return refuse(field, value, join("an integer", range(property)), violations);
    }
    boolean narrow = "int32".equals(property.path("format").asText());
    long least = narrow ? Integer.MIN_VALUE : Long.MIN_VALUE;
    long most = narrow ? Integer.MAX_VALUE : Long.MAX_VALUE;
    BigInteger whole = decimal.toBigInteger();
    if (!inRange(property, decimal)) {
      return refuse(field, value, range(property), violations);
    }
    if (whole.compareTo(BigInteger.valueOf(least)) < 0
        || whole.compareTo(BigInteger.valueOf(most)) > 0) {
      return refuse(field, value, "an integer from " + least + " to " + most, violations);
    }
    return whole.bitLength() < Integer.SIZE
        ? IntNode.valueOf(whole.intValueExact()) // as a parser would, so that trees are equal
        : LongNode.valueOf(whole.longValueExact());
  }

  private static JsonNode number(
      String field, JsonNode property, JsonNode value, List<Violation> violations) {
    BigDecimal decimal = decimal(value);
    if (decimal == null) {
      String expected = notFinite(value) ? "a finite number" : join("a number", range(property));
      return refuse(field, value, expected, violations);
    }
    boolean narrow = "float".equals(property.path("format").asText());
    double wide = narrow ? decimal.floatValue() : decimal.doubleValue();
    if (Double.isInfinite(wide)) {
      double most = narrow ? Float.MAX_VALUE : Double.MAX_VALUE;
      return refuse(field, value, "a number from " + -most + " to " + most, violations);
    }
    if (!inRange(property, decimal)) {
      return refuse(field, value, range(property), violations);
    }
    return DoubleNode.valueOf(decimal.doubleValue());
  }

  private static JsonNode bool(String field, JsonNode value, List<Violation> violations) {
    if (value.isBoolean()) {
      return value;
    }
    String text = value.isTextual() ? value.textValue().strip().toLowerCase(Locale.ROOT) : "";
    if (text.equals("true") || text.equals("false")) {
      return BooleanNode.valueOf(text.equals("true"));
    }
    return refuse(field, value, "true or false", violations);
  }

  private static JsonNode string(
      String field, JsonNode property, JsonNode value, List<Violation> violations) {
    if (!property.has("enum")) {
      return value.isTextual()
          ? value
          : refuse(field, value, "a string; put it in quotes", violations);
    }
    List<String> allowed = enumValues(property);
    if (value.isTextual()) {
      String text = value.textValue().strip().toLowerCase(Locale.ROOT).replace('_', '-');
      if (allowed.contains(text)) {
        return TextNode.valueOf(text);
      }
      String hint =
          Nearest.to(text, allowed).map(near -> "; did you mean " + near + "?").orElse("");
      return refuse(field, value, "one of " + String.join(", ", allowed) + hint, violations);
    }
    return refuse(field, value, "one of " + String.join(", ", allowed), violations);
  }

  private static BigDecimal decimal(JsonNode value) {
    if ((!value.isNumber() && !value.isTextual()) || notFinite(value)) {
      return null;
    }
    try {
      BigDecimal decimal =
          value.isNumber() ? value.decimalValue() : new BigDecimal(value.textValue().strip());
      boolean huge = Math.abs((long) decimal.precision() - decimal.scale()) > MAX_EXPONENT;
      return huge && decimal.signum() != 0 ? saturated(decimal) : decimal;
    } catch (NumberFormatException e) {
      return null; // the caller reports the value as not a number
    }
  }

  /** As good as the number itself, being beyond every double, but cheap to compute with. */
  private static BigDecimal saturated(BigDecimal decimal) {
    if (decimal.precision() - (long) decimal.scale() < 0) {
      return decimal.signum() > 0 ? new BigDecimal("1e-350") : new BigDecimal("-1e-350");
    }
    return decimal.signum() > 0 ? new BigDecimal("1e350") : new BigDecimal("-1e350");
  }

  private static boolean notFinite(JsonNode value) {
    if (value.isTextual()) {
      String text = value.textValue().strip().toLowerCase(Locale.ROOT);
      return text.matches("[+-]?(nan|inf|infinity)");
    }
    return (value.isDouble() || value.isFloat()) && !Double.isFinite(value.doubleValue());
  }

  private static boolean inRange(JsonNode property, BigDecimal value) {
    return (!property.has("minimum")
            || value.compareTo(property.get("minimum").decimalValue()) >= 0)
        && (!property.has("exclusiveMinimum")
            || value.compareTo(property.get("exclusiveMinimum").decimalValue()) > 0)
        && (!property.has("maximum")
            || value.compareTo(property.get("maximum").decimalValue()) <= 0);
  }

  private static String range(JsonNode property) {
    String above =
        property.has("exclusiveMinimum") ? "> " + property.get("exclusiveMinimum").asText() : "";
    String least = property.has("minimum") ? ">= " + property.get("minimum").asText() : "";
    String most = property.has("maximum") ? "<= " + property.get("maximum").asText() : "";
    if (above.isEmpty() && !least.isEmpty() && !most.isEmpty()) {
      return least.substring(3) + " to " + most.substring(3);
    }
    String low = above.isEmpty() || least.isEmpty() ? above + least : above + " and " + least;
    return low.isEmpty() || most.isEmpty() ? low + most : low + " and " + most;
  }

  private static List<String> enumValues(JsonNode property) {
    List<String> values = new ArrayList<>();
    property.path("enum").forEach(v -> values.add(v.asText()));
    return values;
  }

  private static String join(String what, String range) {
    return range.isEmpty() ? what : what + ", " + range;
  }

  private static JsonNode refuse(
      String field, JsonNode value, String expected, List<Violation> violations) {
    String shown = value.isValueNode() ? value.asText() : value.toString();
    if (shown.isEmpty()) {
      shown = "''";
    } else if (shown.length() > SHOWN_CHARS) {
      shown = shown.substring(0, SHOWN_CHARS) + "...";
    }
    violations.add(new Violation(field, shown + " (expected: " + expected + ")"));
    return null;
  }
}
