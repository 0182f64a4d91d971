package dev.troupe.lm.internal.hub;

import dev.troupe.lm.HubException;
import dev.troupe.lm.HubSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads the file with the hub's token. */
final class Token {

  private static final Pattern TOKEN = Pattern.compile("[\\x21-\\x7e]{1,1000}");

  private Token() {}

  static Optional<String> read(HubSettings settings) {
    return settings.tokenFile().map(Token::read);
  }

  private static String read(Path file) {
    String token;
    try {
      token = Files.readString(file).strip();
    } catch (IOException e) {
      throw new HubException(
          "%s: %s cannot be read (expected: a file with a token of the hub): %s"
              .formatted(HubSettings.TOKEN_FILE, file, e),
          false,
          e);
    }
    if (!TOKEN.matcher(token).matches()) {
      throw new HubException(
          "%s: %s holds something else (expected: a token of the hub, nothing but it)"
              .formatted(HubSettings.TOKEN_FILE, file));
    }
    return token;
  }
}
