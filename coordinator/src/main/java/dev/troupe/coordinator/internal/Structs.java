package dev.troupe.coordinator.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;

/** Between JSON and protobuf's {@link Struct}, whose numbers are all doubles. */
final class Structs {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Beyond it a double no longer holds every whole number. */
  private static final double MAX_EXACT = 1L << 53;

  private Structs() {}

  /**
   * A JSON object as a struct; any other value under the name {@code value}.
   *
   * @throws IllegalArgumentException if it is not JSON
   */
  static Struct parse(String json) {
    try {
      Value value = value(JSON.readTree(json));
      return value.hasStructValue()
          ? value.getStructValue()
          : Struct.newBuilder().putFields("value", value).build();
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static Value value(JsonNode node) {
    Value.Builder value = Value.newBuilder();
    if (node.isObject()) {
      Struct.Builder struct = Struct.newBuilder();
      node.properties().forEach(e -> struct.putFields(e.getKey(), value(e.getValue())));
      return value.setStructValue(struct).build();
    } else if (node.isArray()) {
      ListValue.Builder list = ListValue.newBuilder();
      node.forEach(n -> list.addValues(value(n)));
      return value.setListValue(list).build();
    } else if (node.isNumber()) {
      return value.setNumberValue(node.doubleValue()).build();
    } else if (node.isBoolean()) {
      return value.setBoolValue(node.booleanValue()).build();
    } else if (node.isTextual()) {
      return value.setStringValue(node.textValue()).build();
    }
    return value.setNullValue(NullValue.NULL_VALUE).build();
  }

  /** Whole numbers are written without a fraction. */
  static JsonNode json(Struct struct) {
    var object = JsonNodeFactory.instance.objectNode();
    struct.getFieldsMap().forEach((name, value) -> object.set(name, json(value)));
    return object;
  }

  private static JsonNode json(Value value) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    return switch (value.getKindCase()) {
      case STRUCT_VALUE -> json(value.getStructValue());
      case LIST_VALUE -> {
        var array = nodes.arrayNode();
        value.getListValue().getValuesList().forEach(v -> array.add(json(v)));
        yield array;
      }
      case NUMBER_VALUE -> {
        double number = value.getNumberValue();
        yield number == Math.rint(number) && Math.abs(number) <= MAX_EXACT
            ? nodes.numberNode((long) number)
            : nodes.numberNode(number);
      }
      case STRING_VALUE -> nodes.textNode(value.getStringValue());
      case BOOL_VALUE -> nodes.booleanNode(value.getBoolValue());
      case NULL_VALUE, KIND_NOT_SET -> nodes.nullNode();
    };
  }
}
