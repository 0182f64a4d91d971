package dev.troupe.cli.internal;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** Which cluster, and how long to wait for its answers. */
public final class ConnectOptions {

  private static final String DEFAULT_ADDRESS = "127.0.0.1:7070";
  private static final Pattern ADDRESS = Pattern.compile("(.+):([0-9]{1,5})");

  @Option(
      names = "--address",
      paramLabel = "HOST:PORT",
      description =
          "The coordinator; if not given, TROUPE_ADDRESS, else the context file, else "
              + DEFAULT_ADDRESS
              + ".")
  private String address;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "A file whose first line is the bearer token.")
  private Path tokenFile;

  @Option(
      names = "--tls-trust",
      paramLabel = "FILE",
      description = "PEM certificates to trust; turns TLS on.")
  private Path tlsTrust;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      defaultValue = "30s",
      converter = Durations.class,
      description = "The deadline of each call (default: ${DEFAULT-VALUE}).")
  private Duration timeout;

  public Duration timeout() {
    return timeout;
  }

  /** Whether the user named a cluster on the command line. */
  public boolean addressGiven() {
    return address != null;
  }

  /** Finds the cluster and the means to talk to it. */
  public Client client(Io io) {
    Map<String, String> context = Map.of();
    String target = address != null ? address : io.env("TROUPE_ADDRESS");
    String source = address != null ? "--address" : "TROUPE_ADDRESS";
    if (target.isEmpty()) {
      ContextFile file = ContextFile.of(io);
      context = file.read();
      target = context.getOrDefault("address", DEFAULT_ADDRESS);
      source = file.path() + ": address";
    }
    requireAddress(source, target);
    Path trust = file(io, tlsTrust, context.get("tlsTrust"));
    Path tokens = file(io, tokenFile, context.get("tokenFile"));
    String token = tokens == null ? "" : token(tokens);
    if (!token.isEmpty() && trust == null && !loopback(target)) {
      throw CliException.invalid(
          "--token-file: a token goes to "
              + target
              + " only over TLS (expected: --tls-trust FILE as well)");
    }
    return Client.connect(target, trust, token, timeout);
  }

  private static void requireAddress(String source, String target) {
    var matcher = ADDRESS.matcher(target);
    if (!matcher.matches() || Integer.parseInt(matcher.group(2)) > 65_535) {
      throw CliException.invalid(
          source + ": '" + target + "' (expected: HOST:PORT, as in " + DEFAULT_ADDRESS + ")");
    }
  }

  private static Path file(Io io, Path given, String inContext) {
    if (given != null) {
      return io.directory().resolve(given);
    }
    return inContext == null || inContext.isEmpty() ? null : io.directory().resolve(inContext);
  }

  private static String token(Path file) {
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (IOException e) {
      throw CliException.invalid(
          "--token-file: " + file + " (expected: a readable file with the token)");
    }
    String token = lines.isEmpty() ? "" : lines.get(0).strip();
    if (token.isEmpty()) {
      throw CliException.invalid("--token-file: " + file + " has an empty first line");
    }
    return token;
  }

  private static boolean loopback(String target) {
    try {
      String host = target.substring(0, target.lastIndexOf(':'));
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
