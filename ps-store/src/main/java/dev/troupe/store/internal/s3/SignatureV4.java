package dev.troupe.store.internal.s3;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * AWS Signature Version 4, as S3 wants it: a hash of the request in a canonical form, keyed by the
 * secret, the day, the region and the service. Source: Amazon S3 API Reference, "Authenticating
 * Requests: Using the Authorization Header".
 */
final class SignatureV4 {

  static final String EMPTY_SHA256 =
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

  private static final String ALGORITHM = "AWS4-HMAC-SHA256";
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final String UNRESERVED = "-_.~";

  private SignatureV4() {}

  /**
   * The headers that sign a request, to be sent with it.
   *
   * @param host with the port, if it is not the scheme's own
   * @param path encoded, as it is sent
   * @param query not encoded
   * @param headers that are to be signed, names in lower case
   * @param payload the body's SHA-256
   */
  static SortedMap<String, String> sign(
      String method,
      String host,
      String path,
      SortedMap<String, String> query,
      Map<String, String> headers,
      String payload,
      String region,
      Credentials credentials,
      Instant now) {
    String time = TIME.format(now);
    SortedMap<String, String> signed = new TreeMap<>(headers);
    signed.put("host", host);
    signed.put("x-amz-content-sha256", payload);
    signed.put("x-amz-date", time);
    if (!credentials.token().isEmpty()) {
      signed.put("x-amz-security-token", credentials.token());
    }
    String names = String.join(";", signed.keySet());
    String canonical =
        method
            + '\n'
            + path
            + '\n'
            + query(query)
            + '\n'
            + signed.entrySet().stream()
                .map(h -> h.getKey() + ':' + h.getValue().strip() + '\n')
                .collect(Collectors.joining())
            + '\n'
            + names
            + '\n'
            + payload;
    String day = time.substring(0, 8);
    String scope = day + '/' + region + "/s3/aws4_request";
    String toSign = ALGORITHM + '\n' + time + '\n' + scope + '\n' + sha256(canonical);
    byte[] key = ("AWS4" + credentials.secretKey()).getBytes(UTF_8);
    for (String part : new String[] {day, region, "s3", "aws4_request"}) {
      key = hmac(key, part);
    }
    signed.put(
        "authorization",
        ALGORITHM
            + " Credential="
            + credentials.accessKey()
            + '/'
            + scope
            + ",SignedHeaders="
            + names
            + ",Signature="
            + HexFormat.of().formatHex(hmac(key, toSign)));
    signed.remove("host"); // which the HTTP client sends by itself
    return signed;
  }

  /** A query as it is sent and signed: sorted and encoded. */
  static String query(SortedMap<String, String> query) {
    return query.entrySet().stream()
        .map(q -> encode(q.getKey(), "") + '=' + encode(q.getValue(), ""))
        .collect(Collectors.joining("&"));
  }

  /**
   * As RFC 3986 has it, which {@link java.net.URLEncoder} does not.
   *
   * @param alsoPlain characters beside the unreserved ones that stay as they are
   */
  static String encode(String text, String alsoPlain) {
    StringBuilder encoded = new StringBuilder();
    for (byte b : text.getBytes(UTF_8)) {
      char c = (char) (b & 0xff);
      boolean plain =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || UNRESERVED.indexOf(c) >= 0
              || alsoPlain.indexOf(c) >= 0;
      if (plain) {
        encoded.append(c);
      } else {
        encoded.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
      }
    }
    return encoded.toString();
  }

  private static String sha256(String text) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
      return HexFormat.of().formatHex(hash);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static byte[] hmac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(text.getBytes(UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has HmacSHA256", e);
    }
  }
}
