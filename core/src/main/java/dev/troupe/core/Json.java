package dev.troupe.core;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.MapperConfig;
import com.fasterxml.jackson.databind.introspect.AccessorNamingStrategy;
import com.fasterxml.jackson.databind.introspect.AnnotatedClass;
import com.fasterxml.jackson.databind.introspect.AnnotatedMethod;
import com.fasterxml.jackson.databind.introspect.DefaultAccessorNamingStrategy;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;

/**
 * The one way in which tasks, members, results and options become JSON and come back. A record's
 * components, and nothing else of it, are its properties; an unknown property is an error; a map
 * without an order of its own is written in the order of its keys, so that equal values give equal
 * text in every process.
 */
public final class Json {

  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .addModule(new Jdk8Module())
          .addModule(new JavaTimeModule())
          .accessorNaming(new ComponentsOnly())
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .disable(
              SerializationFeature.FAIL_ON_EMPTY_BEANS,
              SerializationFeature.WRITE_DATES_AS_TIMESTAMPS,
              SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
          .enable(
              DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
              DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Json() {}

  /** The shared mapper; not to be configured further. */
  public static ObjectMapper mapper() {
    return MAPPER;
  }

  /**
   * The value as one line of JSON.
   *
   * @throws IllegalArgumentException if it holds what JSON cannot
   */
  public static String write(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          value.getClass().getName() + " as JSON: " + e.getOriginalMessage(), e);
    }
  }

  /**
   * Reads a value.
   *
   * @throws IllegalArgumentException if the text is not JSON or does not fit the type
   */
  public static <T> T read(String json, Class<T> type) {
    return type.cast(read(json, MAPPER.constructType(type)));
  }

  /** As {@link #read(String, Class)}, for a generic type such as {@link #resultType}. */
  public static Object read(String json, JavaType type) {
    try {
      return MAPPER.readValue(json, type);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "JSON as " + type.toCanonical() + ": " + e.getOriginalMessage(), e);
    }
  }

  /** As {@link #read(String, Class)}, into a tree. */
  public static JsonNode readTree(String json) {
    return read(json, JsonNode.class);
  }

  /** A job's result as an object whose properties stand in the order in which they were added. */
  public static ObjectNode toTree(Result result) {
    ObjectNode object = MAPPER.createObjectNode();
    result.values().forEach((name, value) -> object.set(name, MAPPER.valueToTree(value)));
    return object;
  }

  /**
   * What {@code R} is for a class that implements {@code Task<R>} or {@code GangMember<R>},
   * directly or through other interfaces.
   *
   * @param implementation the task or member
   * @param generic {@link Task} or {@link GangMember}
   */
  public static JavaType resultType(Class<?> implementation, Class<?> generic) {
    if (!generic.isAssignableFrom(implementation)) {
      throw new IllegalArgumentException(
          implementation.getName()
              + " (expected: a class that implements "
              + generic.getName()
              + ")");
    }
    JavaType[] parameters =
        MAPPER.getTypeFactory().findTypeParameters(MAPPER.constructType(implementation), generic);
    return parameters.length == 1 ? parameters[0] : MAPPER.constructType(Object.class);
  }

  /** Keeps helpers of a record such as {@code isEmpty()} or {@code getMean()} out of its JSON. */
  private static final class ComponentsOnly extends DefaultAccessorNamingStrategy.Provider {

    private static final long serialVersionUID = 1L;

    @Override
    public AccessorNamingStrategy forRecord(MapperConfig<?> config, AnnotatedClass record) {
      return new DefaultAccessorNamingStrategy.RecordNaming(config, record) {
        @Override
        public String findNameForRegularGetter(AnnotatedMethod method, String name) {
          return _fieldNames.contains(name) ? name : null;
        }

        @Override
        public String findNameForIsGetter(AnnotatedMethod method, String name) {
          return null;
        }
      };
    }
  }
}
