package dev.troupe.cluster.protocol;

/**
 * The name under which each coordinator's gateway is found: {@code
 * pekko://troupe@host:port/user/gateway}.
 */
public final class Gateway {

  public static final String SYSTEM = "troupe";
  public static final String NAME = "gateway";

  private Gateway() {}

  /** The gateway's actor path on a coordinator's Artery address. */
  public static String path(String host, int port) {
    return "pekko://" + SYSTEM + "@" + host + ":" + port + "/user/" + NAME;
  }
}
