package dev.troupe.pricing.market.internal;

import dev.troupe.core.InputException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which column of a file holds what: as the user says, or by names that are in use. */
public final class ColumnNames {

  /** Our names, each with those that are taken for it without being told. */
  private static final Map<String, List<String>> USUAL = new LinkedHashMap<>();

  static {
    USUAL.put("time", List.of("time", "date", "quote_date", "quote_time", "datetime"));
    USUAL.put("spot", List.of("spot", "underlying_price", "underlying_last", "underlying"));
    USUAL.put("expiry", List.of("expiry", "expiration", "expire_date"));
    USUAL.put("strike", List.of("strike", "strike_price"));
    USUAL.put("type", List.of("type", "right", "option_type", "cp_flag"));
    USUAL.put("bid", List.of("bid", "bid_close", "best_bid"));
    USUAL.put("ask", List.of("ask", "ask_close", "best_offer"));
    USUAL.put("days_to_maturity", List.of("days_to_maturity", "days"));
    USUAL.put("moneyness", List.of("moneyness"));
    USUAL.put("implied_vol", List.of("implied_vol", "implied_volatility"));
  }

  private final Map<String, String> given;

  private ColumnNames(Map<String, String> given) {
    this.given = given;
  }

  /**
   * Reads {@code OURS=THEIRS}, as in {@code time=quote_date}.
   *
   * @throws InputException if one has another form or no such name is ours
   */
  public static ColumnNames of(List<String> pairs) {
    Map<String, String> given = new LinkedHashMap<>();
    for (String pair : pairs) {
      String[] parts = pair.split("=", 2);
      if (parts.length != 2 || !USUAL.containsKey(parts[0]) || parts[1].isBlank()) {
        throw new InputException(
            "columns: '%s' (expected: OURS=THEIRS, where OURS is one of %s)"
                .formatted(pair, USUAL.keySet()));
      }
      given.put(parts[0], parts[1]);
    }
    return new ColumnNames(given);
  }

  /** Whether a file has a column for this name. */
  public boolean has(String name, List<String> columns) {
    return find(name, columns) != null;
  }

  /**
   * The file's columns for these names.
   *
   * @param optional a name that the file may lack; "" is its column then
   * @throws InputException if another is missing
   */
  public List<String> resolve(
      String file, List<String> names, String optional, List<String> columns) {
    List<String> found = new ArrayList<>();
    for (String name : names) {
      String column = find(name, columns);
      if (column == null && name.equals(optional) && !given.containsKey(name)) {
        column = "";
      } else if (column == null) {
        throw new InputException(
            "%s: no column %s (expected: one of %s, or columns=%s=NAME; the file has %s)"
                .formatted(file, given.getOrDefault(name, name), USUAL.get(name), name, columns));
      }
      found.add(column);
    }
    return found;
  }

  private String find(String name, List<String> columns) {
    List<String> candidates = given.containsKey(name) ? List.of(given.get(name)) : USUAL.get(name);
    for (String candidate : candidates) {
      for (String column : columns) {
        if (column.equalsIgnoreCase(candidate)) {
          return column;
        }
      }
    }
    return null;
  }
}
