package dev.troupe.coordinator.internal.grpc;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * Lets only calls through that carry {@code authorization: Bearer TOKEN}; health checks are free.
 */
final class TokenCheck implements ServerInterceptor {

  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final String FREE_SERVICE = "grpc.health.v1.Health";

  private final byte[] expected;

  TokenCheck(String token) {
    expected = ("Bearer " + token).getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    String given = headers.get(AUTHORIZATION);
    boolean free = FREE_SERVICE.equals(call.getMethodDescriptor().getServiceName());
    if (free || isExpected(given)) {
      return next.startCall(call, headers);
    }
    String what =
        given == null ? "no bearer token was sent" : "the bearer token is not this cluster's";
    call.close(
        Status.UNAUTHENTICATED.withDescription(what + "; give the right one with --token-file"),
        new Metadata());
    return new ServerCall.Listener<>() {};
  }

  /** MessageDigest.isEqual takes the same time wherever the bytes differ. */
  private boolean isExpected(String given) {
    return given != null && MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), expected);
  }
}
