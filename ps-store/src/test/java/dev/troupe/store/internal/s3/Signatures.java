package dev.troupe.store.internal.s3;

import com.sun.net.httpserver.HttpExchange;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A server's side of {@link SignatureV4}, which has its own test against published values. */
public final class Signatures {

  private Signatures() {}

  /** Why a request is not signed as it should be, an S3 error's code; null if it is. */
  public static String check(
      HttpExchange exchange,
      Map<String, String> query,
      String payload,
      String accessKey,
      String secretKey) {
    String shown = String.valueOf(exchange.getRequestHeaders().getFirst("authorization"));
    String[] scope = shown.replaceAll("^.*Credential=([^,]*),.*$", "$1").split("/", -1);
    if (scope.length != 5 || !scope[0].equals(accessKey)) {
      return "InvalidAccessKeyId";
    }
    List<String> notGiven = List.of("host", "x-amz-date", "x-amz-content-sha256");
    Map<String, String> headers = new TreeMap<>();
    Arrays.stream(shown.replaceAll("^.*SignedHeaders=([^,]*),.*$", "$1").split(";", -1))
        .filter(name -> !notGiven.contains(name))
        .forEach(name -> headers.put(name, exchange.getRequestHeaders().getFirst(name)));
    String expected =
        SignatureV4.sign(
                exchange.getRequestMethod(),
                exchange.getRequestHeaders().getFirst("host"),
                exchange.getRequestURI().getRawPath(),
                new TreeMap<>(query),
                headers,
                payload,
                scope[2],
                new Credentials(accessKey, secretKey, ""),
                time(exchange.getRequestHeaders().getFirst("x-amz-date")))
            .get("authorization");
    return expected.equals(shown) ? null : "SignatureDoesNotMatch";
  }

  private static Instant time(String text) {
    return LocalDateTime.parse(text, DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'"))
        .toInstant(ZoneOffset.UTC);
  }
}
