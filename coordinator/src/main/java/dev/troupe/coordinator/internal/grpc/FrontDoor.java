package dev.troupe.coordinator.internal.grpc;

import dev.troupe.cluster.SecurityConfig;
import dev.troupe.coordinator.internal.ControlPlane;
import dev.troupe.core.Store;
import dev.troupe.proto.v1.ClusterServiceGrpc;
import dev.troupe.proto.v1.JobServiceGrpc;
import dev.troupe.store.LogStore;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The gRPC server: jobs, cluster, health, reflection. Loopback and open by default; with TLS and a
 * bearer token where configured.
 */
public final class FrontDoor {

  /** A client may ping this often; one that does more is hung up on. */
  private static final long MIN_KEEPALIVE_SECONDS = 10;

  /** A connection that says nothing for this long is asked whether it lives. */
  private static final long KEEPALIVE_SECONDS = 30;

  /** Requests beyond this are refused: options are small, data goes by path. */
  private static final int MAX_REQUEST_BYTES = 1024 * 1024;

  /** Calls of one connection at a time. */
  private static final int MAX_CALLS = 256;

  /** Threads that read logs and artifacts for all callers. */
  private static final int READERS = 4;

  /** Calls under way at shutdown get this long. */
  private static final long SHUTDOWN_SECONDS = 2;

  private final Server server;
  private final HealthStatusManager health;
  private final ScheduledExecutorService readers;

  private FrontDoor(Server server, HealthStatusManager health, ScheduledExecutorService readers) {
    this.server = server;
    this.health = health;
    this.readers = readers;
  }

  /**
   * Opens the door.
   *
   * @param port 0 for any free one
   * @throws IOException if the port is taken, or a key or certificate cannot be read
   */
  public static FrontDoor start(
      String host,
      int port,
      SecurityConfig security,
      ControlPlane control,
      Store store,
      LogStore logs)
      throws IOException {
    HealthStatusManager health = new HealthStatusManager();
    ScheduledExecutorService readers =
        Executors.newScheduledThreadPool(
            READERS,
            task -> {
              Thread thread = new Thread(task, "front-door-reader");
              thread.setDaemon(true);
              return thread;
            });
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress(host, port), credentials(security))
            .permitKeepAliveTime(MIN_KEEPALIVE_SECONDS, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            .keepAliveTime(KEEPALIVE_SECONDS, TimeUnit.SECONDS)
            .maxInboundMessageSize(MAX_REQUEST_BYTES)
            .maxConcurrentCallsPerConnection(MAX_CALLS)
            .addService(new JobServiceImpl(control, store, logs, readers))
            .addService(new ClusterServiceImpl(control))
            .addService(health.getHealthService())
            .addService(ProtoReflectionServiceV1.newInstance());
    security.token().ifPresent(token -> builder.intercept(new TokenCheck(token)));
    Server server = builder.build().start();
    health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.SERVING);
    health.setStatus(JobServiceGrpc.SERVICE_NAME, ServingStatus.SERVING);
    health.setStatus(ClusterServiceGrpc.SERVICE_NAME, ServingStatus.SERVING);
    return new FrontDoor(server, health, readers);
  }

  private static ServerCredentials credentials(SecurityConfig security) throws IOException {
    if (security.tls().isEmpty()) {
      return InsecureServerCredentials.create();
    }
    SecurityConfig.Tls tls = security.tls().get();
    return TlsServerCredentials.create(tls.certificate().toFile(), tls.privateKey().toFile());
  }

  public int port() {
    return server.getPort();
  }

  /** Tells health checks that the door closes, lets calls end, then cuts them. */
  public void stop() throws InterruptedException {
    health.enterTerminalState();
    server.shutdown();
    if (!server.awaitTermination(SHUTDOWN_SECONDS, TimeUnit.SECONDS)) {
      server.shutdownNow();
    }
    readers.shutdownNow();
  }
}
