package dev.troupe.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The keys of {@code troupe.security}.
 *
 * @param tls absent if the node speaks plain text
 * @param tokenFile whose first line is the bearer token and the secret of the data plane
 */
public record SecurityConfig(Optional<Tls> tls, Optional<Path> tokenFile) {

  /**
   * PEM files.
   *
   * @param certificate of this node, with its chain
   * @param privateKey of the certificate, PKCS #8 or PKCS #1, not encrypted
   * @param trust the authority that signed the certificates of all nodes
   */
  public record Tls(Path certificate, Path privateKey, Path trust) {}

  public boolean tlsEnabled() {
    return tls.isPresent();
  }

  /** See {@link Tls#certificate}; only if {@link #tlsEnabled}. */
  public Path certificate() {
    return tls.orElseThrow().certificate();
  }

  /** See {@link Tls#privateKey}; only if {@link #tlsEnabled}. */
  public Path privateKey() {
    return tls.orElseThrow().privateKey();
  }

  /** See {@link Tls#trust}; only if {@link #tlsEnabled}. */
  public Path trust() {
    return tls.orElseThrow().trust();
  }

  /** Whether others may be let in: talk is encrypted and callers have to show a token. */
  public boolean isClosed() {
    return tls.isPresent() && tokenFile.isPresent();
  }

  /**
   * Reads the token, anew each time, so that it can be changed without a restart.
   *
   * @return empty if no token is set
   * @throws NodeException if the file cannot be read or its first line is empty
   */
  public Optional<String> token() {
    return tokenFile.map(file -> firstLine("troupe.security.token-file", file));
  }

  /**
   * Shows that this node has the token, without showing the token: an HMAC-SHA256 of {@code text}.
   *
   * @return hex digits; empty if no token is set
   * @throws NodeException as {@link #token}
   */
  public String proof(String text) {
    return token().map(token -> hmac(token, text)).orElse("");
  }

  private static String hmac(String key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key.getBytes(UTF_8), "HmacSHA256"));
      return HexFormat.of().formatHex(mac.doFinal(text.getBytes(UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has HmacSHA256", e);
    }
  }

  static String firstLine(String key, Path file) {
    try (var lines = Files.lines(file)) {
      return lines
          .findFirst()
          .map(String::strip)
          .filter(line -> !line.isEmpty())
          .orElseThrow(
              () ->
                  new NodeException(
                      NodeException.EXIT_BAD_CONFIG,
                      key + ": " + file + " (expected: a file whose first line is the secret)"));
    } catch (IOException | UncheckedIOException e) {
      throw new NodeException(
          NodeException.EXIT_BAD_CONFIG, key + ": " + file + " cannot be read: " + e, e);
    }
  }
}
