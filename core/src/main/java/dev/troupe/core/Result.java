package dev.troupe.core;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a job gives back: named values, in order, that turn into a JSON object. */
public final class Result {

  private final Map<String, Object> values;

  private Result(Map<String, Object> values) {
    this.values = Collections.unmodifiableMap(values);
  }

  public static Result empty() {
    return new Result(new LinkedHashMap<>());
  }

  /** A result of one value: a string, number, boolean, record, or a list or map of these. */
  public static Result of(String name, Object value) {
    return empty().and(name, value);
  }

  /** This result with one more value. */
  public Result and(String name, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(values);
    more.put(name, value);
    return new Result(more);
  }

  public Map<String, Object> values() {
    return values;
  }
}
