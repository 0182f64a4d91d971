package dev.troupe.store.internal.s3;

import dev.troupe.cluster.S3Config;
import java.io.InputStream;
import java.net.http.HttpResponse;

/** Says what a server's refusal means, and what to do. */
final class Refusals {

  private Refusals() {}

  static S3Exception explain(
      S3Config config, S3Request request, HttpResponse<InputStream> response, byte[] error) {
    int status = response.statusCode();
    String code = Xml.first(error, "Code");
    String key = request.key() == null ? "" : request.key();
    String what =
        request.method()
            + " "
            + config.show(key)
            + " ("
            + config.endpoint()
            + "): "
            + status
            + (code.isEmpty() ? "" : " " + code + ", " + Xml.first(error, "Message"));
    return new S3Exception(status, what + "; " + advice(config, request, response, code));
  }

  private static String advice(
      S3Config config, S3Request request, HttpResponse<InputStream> response, String code) {
    String region = response.headers().firstValue("x-amz-bucket-region").orElse("");
    int status = response.statusCode();
    switch (code) {
      case "NoSuchBucket" -> {
        return "there is no bucket '"
            + config.bucket()
            + "': make it, or set another troupe.store.url";
      }
      case "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken" -> {
        return "check the credentials (troupe.store.s3.credentials-file, or the environment's"
            + " AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN)";
      }
      case "RequestTimeTooSkewed" -> {
        return "set this machine's clock";
      }
      default -> {}
    }
    if (status == 301 || status == 307 || (status == 400 && !region.isEmpty())) {
      return "troupe.store.s3.region: "
          + config.region()
          + (region.isEmpty() ? " (expected: the bucket's)" : " (expected: " + region + ")");
    }
    if (status == 403) {
      return "the credentials must allow "
          + permission(request)
          + " on bucket '"
          + config.bucket()
          + "', prefix '"
          + config.prefix()
          + "'";
    }
    return status == 404
        ? "there is no such object"
        : "check troupe.store.url and troupe.store.s3.endpoint";
  }

  private static String permission(S3Request request) {
    if (request.key() == null) {
      return "s3:ListBucket";
    }
    return switch (request.method()) {
      case "GET", "HEAD" -> "s3:GetObject";
      case "DELETE" -> "s3:DeleteObject";
      default -> "s3:PutObject";
    };
  }
}
