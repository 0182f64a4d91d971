package dev.troupe.cli.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/**
 * Plain values (maps, lists, strings, numbers, booleans) to and from JSON, YAML and protobuf's
 * Struct.
 */
public final class Json {

  /** Whole numbers up to here are exact in a double, and so in a Struct. */
  private static final double EXACT = 1L << 53;

  private Json() {}

  public static String json(Object value) {
    DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter(
            Separators.createDefaultInstance()
                .withObjectFieldValueSpacing(Separators.Spacing.AFTER)
                .withObjectEmptySeparator("")
                .withArrayEmptySeparator(""));
    printer.indentArraysWith(indenter);
    printer.indentObjectsWith(indenter);
    try {
      return new ObjectMapper().writer(printer).writeValueAsString(value) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot write as JSON: " + value.getClass(), e);
    }
  }

  /** On one line. */
  public static String compact(Object value) {
    try {
      return new ObjectMapper().writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot write as JSON: " + value.getClass(), e);
    }
  }

  public static String yaml(Object value) {
    YAMLFactory factory =
        YAMLFactory.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .disable(YAMLGenerator.Feature.SPLIT_LINES)
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
            .build();
    try {
      return new ObjectMapper(factory).writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot write as YAML: " + value.getClass(), e);
    }
  }

  /**
   * Reads JSON or YAML (which contains it).
   *
   * @throws JsonProcessingException with line and column, if it is neither
   */
  public static Object parse(String text) throws JsonProcessingException {
    YAMLFactory factory =
        YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
    return new ObjectMapper(factory).readValue(text, Object.class);
  }

  /** Where and why a text did not parse, as in {@code , line 3: duplicate key tasks}. */
  static String problem(JsonProcessingException error) {
    if (error instanceof MismatchedInputException) {
      return ": is empty (expected: a map with the keys workload and options)";
    }
    String what = error.getOriginalMessage();
    int line = error.getLocation() == null ? 0 : error.getLocation().getLineNr();
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof MarkedYAMLException marked && marked.getProblem() != null) {
        what = marked.getProblem();
        line = marked.getProblemMark() == null ? line : marked.getProblemMark().getLine() + 1;
      }
    }
    return (line < 1 ? "" : ", line " + line) + ": " + Format.cut(what, 200);
  }

  /**
   * Reads a JSON object.
   *
   * @throws JsonProcessingException if it is none
   */
  @SuppressWarnings("unchecked") // readValue(Map.class) of JSON has string keys
  public static Map<String, Object> parseJsonObject(String text) throws JsonProcessingException {
    return (Map<String, Object>) new ObjectMapper().readValue(text, Map.class);
  }

  public static Map<String, Object> fromStruct(Struct struct) {
    Map<String, Object> map = new LinkedHashMap<>();
    struct.getFieldsMap().forEach((name, value) -> map.put(name, fromValue(value)));
    return map;
  }

  private static Object fromValue(Value value) {
    return switch (value.getKindCase()) {
      case STRING_VALUE -> value.getStringValue();
      case BOOL_VALUE -> value.getBoolValue();
      case NUMBER_VALUE -> number(value.getNumberValue());
      case STRUCT_VALUE -> fromStruct(value.getStructValue());
      case LIST_VALUE ->
          value.getListValue().getValuesList().stream().map(Json::fromValue).toList();
      case NULL_VALUE, KIND_NOT_SET -> null;
    };
  }

  private static Object number(double value) {
    boolean whole = value == Math.rint(value) && Math.abs(value) <= EXACT;
    return whole ? (Object) (long) value : (Object) value;
  }

  public static Struct toStruct(Map<?, ?> map) {
    Struct.Builder struct = Struct.newBuilder();
    map.forEach((name, value) -> struct.putFields(String.valueOf(name), toValue(value)));
    return struct.build();
  }

  /** A whole number that a double cannot hold goes as text, which the server reads as a number. */
  private static Value toValue(Object value) {
    Value.Builder builder = Value.newBuilder();
    if (value == null) {
      return builder.setNullValueValue(0).build();
    } else if (value instanceof Boolean b) {
      return builder.setBoolValue(b).build();
    } else if (value instanceof Number n && Math.abs(n.doubleValue()) <= EXACT) {
      return builder.setNumberValue(n.doubleValue()).build();
    } else if (value instanceof Map<?, ?> map) {
      return builder.setStructValue(toStruct(map)).build();
    } else if (value instanceof List<?> list) {
      List<Value> values = new ArrayList<>();
      list.forEach(item -> values.add(toValue(item)));
      return builder.setListValue(ListValue.newBuilder().addAllValues(values)).build();
    }
    return builder.setStringValue(String.valueOf(value)).build();
  }
}
