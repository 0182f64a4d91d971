package dev.troupe.cli.internal;

import dev.troupe.proto.v1.ClusterServiceGrpc;
import dev.troupe.proto.v1.JobServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.TlsChannelCredentials;
import io.grpc.okhttp.OkHttpChannelBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A connection to a cluster's front door. Every call it makes has a deadline. */
public final class Client implements AutoCloseable {

  /** Streams are opened again when they get this old, which nobody notices. */
  private static final Duration STREAM_DEADLINE = Duration.ofHours(1);

  private static final Duration KEEP_ALIVE_EVERY = Duration.ofSeconds(20);
  private static final Duration KEEP_ALIVE_TIMEOUT = Duration.ofSeconds(10);

  /** The limit of one message: a job with its result and timeline. */
  private static final int MAX_MESSAGE_BYTES = 64 << 20;

  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final String address;
  private final Duration timeout;
  private final ManagedChannel connection;
  private final Channel channel;

  /** Of tests: over a channel that they made. */
  public Client(String address, ManagedChannel connection, Duration timeout) {
    this.address = address;
    this.connection = connection;
    this.channel = connection;
    this.timeout = timeout;
  }

  private Client(String address, ManagedChannel connection, String token, Duration timeout) {
    this.address = address;
    this.connection = connection;
    this.channel =
        token.isEmpty()
            ? connection
            : io.grpc.ClientInterceptors.intercept(connection, new BearerToken(token));
    this.timeout = timeout;
  }

  /**
   * Connects at the first call.
   *
   * @param trust PEM file of the certificates to trust; null: no TLS
   * @param token the bearer token; "" for none
   */
  public static Client connect(String address, Path trust, String token, Duration timeout) {
    ChannelCredentials credentials = InsecureChannelCredentials.create();
    if (trust != null) {
      if (!Files.isReadable(trust)) {
        throw CliException.invalid("--tls-trust: " + trust + " (expected: a readable PEM file)");
      }
      try {
        credentials = TlsChannelCredentials.newBuilder().trustManager(trust.toFile()).build();
      } catch (IOException e) {
        throw CliException.invalid("--tls-trust: cannot read " + trust + ": " + e.getMessage());
      }
    }
    ManagedChannel connection =
        builder(address, credentials, trust)
            .proxyDetector(target -> null)
            .keepAliveTime(KEEP_ALIVE_EVERY.toSeconds(), TimeUnit.SECONDS)
            .keepAliveTimeout(KEEP_ALIVE_TIMEOUT.toSeconds(), TimeUnit.SECONDS)
            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
            .build();
    return new Client(address, connection, token, timeout);
  }

  private static OkHttpChannelBuilder builder(
      String address, ChannelCredentials credentials, Path trust) {
    try {
      return OkHttpChannelBuilder.forTarget("dns:///" + address, credentials);
    } catch (IllegalArgumentException e) { // here the certificates are parsed
      throw CliException.invalid(
          "--tls-trust: " + trust + " (expected: a PEM file of certificates): " + e.getMessage());
    }
  }

  /** {@code host:port}. */
  public String address() {
    return address;
  }

  /** For one call that answers at once. */
  public JobServiceGrpc.JobServiceBlockingStub jobs() {
    return JobServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** For one call that streams for as long as it takes. */
  public JobServiceGrpc.JobServiceBlockingStub jobStreams() {
    return JobServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(STREAM_DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** For one call that answers at once. */
  public ClusterServiceGrpc.ClusterServiceBlockingStub cluster() {
    return ClusterServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Tries to connect at once rather than when the back-off of the last failure has passed. */
  public void connectNow() {
    connection.resetConnectBackoff();
  }

  @Override
  public void close() {
    connection.shutdownNow();
  }

  /** Shows the token with each call. */
  private record BearerToken(String token) implements ClientInterceptor {
    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
        MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      return new ForwardingClientCall.SimpleForwardingClientCall<>(next.newCall(method, options)) {
        @Override
        public void start(Listener<A> listener, Metadata headers) {
          headers.put(AUTHORIZATION, "Bearer " + token);
          super.start(listener, headers);
        }
      };
    }

    @Override
    public String toString() {
      return "BearerToken";
    }
  }
}
