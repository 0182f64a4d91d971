package dev.troupe.cluster;

/** An address in the form {@code host:port}; an IPv6 host stands in brackets. */
public record HostPort(String host, int port) {

  /**
   * Parses it.
   *
   * @throws IllegalArgumentException with the value and what was expected
   */
  public static HostPort parse(String text) {
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? "" : text.substring(0, colon).strip();
    String digits = text.substring(colon + 1).strip();
    if (host.isEmpty() || !digits.matches("[0-9]{1,5}")) {
      throw bad(text);
    }
    int port = Integer.parseInt(digits);
    if (port < 1 || port > 65535) {
      throw bad(text);
    }
    return new HostPort(host, port);
  }

  private static IllegalArgumentException bad(String text) {
    return new IllegalArgumentException(
        "'" + text + "' (expected: host:port, as in 10.0.0.5:7071)");
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }
}
