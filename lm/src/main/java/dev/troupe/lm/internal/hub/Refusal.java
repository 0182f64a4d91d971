package dev.troupe.lm.internal.hub;

import dev.troupe.lm.HubException;
import dev.troupe.lm.HubSettings;
import dev.troupe.lm.ModelSource;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.regex.Pattern;

/** Makes one clear reason of an answer that is none. */
final class Refusal {

  private static final int FIRST_SERVER_ERROR = 500;
  private static final Pattern SECONDS = Pattern.compile("\\d{1,6}");

  private final HubSettings settings;
  private final ModelSource.Hub source;
  private final URI uri;
  private final HttpHeaders headers;
  private final String code;

  private Refusal(HubSettings settings, ModelSource.Hub source, URI uri, HttpHeaders headers) {
    this.settings = settings;
    this.source = source;
    this.uri = uri;
    this.headers = headers;
    this.code = headers.firstValue("X-Error-Code").orElse("");
  }

  /**
   * Why {@code status} came instead of content.
   *
   * @param ofHub whether the hub itself said so, not a host that it had sent us to
   * @throws TryAgainException if it may be different next time
   * @throws HubException if it will not
   */
  static HubException of(
      HubSettings settings,
      ModelSource.Hub source,
      URI uri,
      boolean ofHub,
      int status,
      HttpHeaders headers)
      throws TryAgainException {
    Refusal refusal = new Refusal(settings, source, uri, headers);
    if (status == 429) {
      throw TryAgainException.after(refusal.retryAfter(), refusal.text("429, too many requests"));
    } else if (status >= FIRST_SERVER_ERROR || status == 408) {
      throw TryAgainException.after(
          refusal.retryAfter(), refusal.text(status + ", an error of its own"));
    } else if (!ofHub) { // an address that was good for a while, say: the hub makes a new one
      throw new TryAgainException(refusal.text(String.valueOf(status)), null);
    }
    return new HubException(
        refusal.text(
            switch (status) {
              case 401 -> refusal.isGated() ? refusal.forbidden(status) : refusal.unauthorized();
              case 403 -> refusal.forbidden(status);
              case 404 -> refusal.notFound();
              default -> status + " (expected: the content of " + uri.getPath() + ")";
            }));
  }

  private String text(String reason) {
    return "%s: %s answers %s".formatted(source, authority(uri), reason);
  }

  static String authority(URI uri) {
    return uri.getScheme() + "://" + uri.getRawAuthority();
  }

  private String unauthorized() {
    return settings
        .tokenFile()
        .map(
            file ->
                "401: it does not accept the token in %s (expected: a valid one that may read %s)"
                    .formatted(file, source.repository()))
        .orElse(
            "401: there is no such repository, or not without a token (expected: its right name, or"
                + " a token file named by "
                + HubSettings.TOKEN_FILE
                + ")");
  }

  /** Whether its owners want their terms accepted first. */
  private boolean isGated() {
    return code.equals("GatedRepo");
  }

  private String forbidden(int status) {
    String who =
        settings
            .tokenFile()
            .map(file -> "the token in " + file + " may not read it")
            .orElse("no token was given (" + HubSettings.TOKEN_FILE + ")");
    String terms =
        isGated()
            ? "its terms accepted at " + settings.endpoint() + "/" + source.repository()
            : "a token with access to " + source.repository();
    return status + ": " + who + " (expected: " + terms + ")";
  }

  private String notFound() {
    return switch (code) {
      case "RevisionNotFound" ->
          "404: %s has no revision %s (expected: a branch, a tag or a commit)"
              .formatted(source.repository(), source.revision());
      case "EntryNotFound" -> "404: there is no " + uri.getPath();
      case "RepoNotFound" -> "404: there is no repository " + source.repository() + hint();
      default ->
          "404: there is no repository %s, or no revision %s in it%s"
              .formatted(source.repository(), source.revision(), hint());
    };
  }

  private String hint() {
    return settings.tokenFile().isPresent()
        ? ""
        : " (a private one needs a token file, " + HubSettings.TOKEN_FILE + ")";
  }

  /** Seconds of the header Retry-After; zero if there are none. */
  private Duration retryAfter() {
    return headers
        .firstValue("Retry-After")
        .filter(text -> SECONDS.matcher(text).matches())
        .map(text -> Duration.ofSeconds(Long.parseLong(text)))
        .orElse(Duration.ZERO);
  }
}
