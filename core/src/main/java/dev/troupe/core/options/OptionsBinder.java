package dev.troupe.core.options;

import com.fasterxml.jackson.databind.JsonNode;
import dev.troupe.core.Json;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes a workload's record of options from JSON. */
public final class OptionsBinder {

  private OptionsBinder() {}

  /**
   * As {@link #bind(JsonNode, Class)}, from text.
   *
   * @throws IllegalArgumentException if it is not JSON
   */
  public static <O extends Record> O bind(String json, Class<O> type) {
    return bind(Json.readTree(json), type);
  }

  /**
   * Checks {@code given} against the record's schema, fills in defaults and calls the record's
   * canonical constructor.
   *
   * @throws OptionsException if an option is not valid, or the constructor refuses the values
   */
  public static <O extends Record> O bind(JsonNode given, Class<O> type) {
    JsonNode options = OptionsCheck.normalize(OptionsSchema.of(type), given).orThrow();
    RecordComponent[] components = type.getRecordComponents();
    Class<?>[] types = new Class<?>[components.length];
    Object[] values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      types[i] = components[i].getType();
      values[i] = value(options.get(components[i].getName()), components[i].getGenericType());
    }
    return construct(type, types, values);
  }

  private static <O extends Record> O construct(Class<O> type, Class<?>[] types, Object[] values) {
    try {
      Constructor<O> canonical = type.getDeclaredConstructor(types);
      canonical.setAccessible(true);
      return canonical.newInstance(values);
    } catch (InvocationTargetException e) {
      throw refused(type, e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException(type.getName() + ": " + e.getMessage(), e);
    }
  }

  /** A constructor that keeps our form, {@code field: value (expected: ...)}, names its field. */
  private static RuntimeException refused(Class<?> type, Throwable cause) {
    String message = String.valueOf(cause.getMessage());
    for (RecordComponent component : type.getRecordComponents()) {
      String prefix = component.getName() + ": ";
      if (message.startsWith(prefix)) {
        return violation(component.getName(), message.substring(prefix.length()), cause);
      }
    }
    return violation("options", message, cause);
  }

  private static OptionsException violation(String field, String description, Throwable cause) {
    OptionsException exception = new OptionsException(List.of(new Violation(field, description)));
    exception.initCause(cause);
    return exception;
  }

  private static Object value(JsonNode node, Type type) {
    if (type instanceof ParameterizedType generic) {
      Type item = generic.getActualTypeArguments()[0];
      if (generic.getRawType() == Optional.class) {
        return Optional.ofNullable(node).map(present -> value(present, item));
      }
      List<Object> items = new ArrayList<>();
      node.forEach(element -> items.add(value(element, item)));
      return List.copyOf(items);
    }
    return scalar(node, (Class<?>) type);
  }

  private static Object scalar(JsonNode node, Class<?> type) {
    if (type == int.class || type == Integer.class) {
      return node.intValue();
    } else if (type == long.class || type == Long.class) {
      return node.longValue();
    } else if (type == float.class || type == Float.class) {
      return node.floatValue();
    } else if (type == double.class || type == Double.class) {
      return node.doubleValue();
    } else if (type == boolean.class || type == Boolean.class) {
      return node.booleanValue();
    } else if (type == String.class) {
      return node.textValue();
    }
    for (Object constant : type.getEnumConstants()) {
      if (OptionsSchema.enumText((Enum<?>) constant).equals(node.textValue())) {
        return constant;
      }
    }
    throw new IllegalStateException(type.getName() + " has no constant for " + node);
  }
}
