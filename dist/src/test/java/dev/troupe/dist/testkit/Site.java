package dev.troupe.dist.testkit;

import dev.troupe.testkit.Certificates;
import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Where a cluster's processes listen, and what it takes to talk to them.
 *
 * @param host the address of this machine that coordinators and workers bind to
 * @param settings of all nodes
 * @param trust the certificate to trust; null: no TLS
 * @param token the file with the bearer token; null: none is asked for
 */
public record Site(String host, List<String> settings, Path trust, Path token) {

  private static final String SECRET = "of-this-test";

  /** Loopback, open to everyone on this machine. */
  public static final Site LOOPBACK = new Site("127.0.0.1", List.of(), null, null);

  /**
   * With TLS and a token.
   *
   * @param folder for certificate, key and token
   * @param others other hosts of the cluster, which show the same certificate
   */
  public static Site closed(String host, Path folder, String... others) {
    try {
      List<String> addresses = new ArrayList<>(List.of(others));
      addresses.add(host);
      Map<String, String> tls =
          Certificates.settings(Files.createDirectories(folder), addresses.toArray(String[]::new));
      Path token = Files.writeString(folder.resolve("token"), SECRET + "\n");
      List<String> settings = new ArrayList<>();
      tls.forEach((key, value) -> settings.add(key + "=" + value));
      settings.add("troupe.security.token-file=" + token);
      settings.add("troupe.bind-host=" + host);
      return new Site(host, settings, Path.of(tls.get("troupe.security.tls.certificate")), token);
    } catch (IOException | GeneralSecurityException | InterruptedException e) {
      throw new IllegalStateException("no certificate", e);
    }
  }

  /** A client's connection to a coordinator. */
  ManagedChannel connect(String address, int grpcPort) {
    Metadata headers = new Metadata();
    if (token != null) {
      headers.put(
          Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + SECRET);
    }
    return NettyChannelBuilder.forAddress(address, grpcPort, credentials())
        .intercept(MetadataUtils.newAttachHeadersInterceptor(headers))
        .build();
  }

  private ChannelCredentials credentials() {
    if (trust == null) {
      return InsecureChannelCredentials.create();
    }
    try {
      return TlsChannelCredentials.newBuilder().trustManager(trust.toFile()).build();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
