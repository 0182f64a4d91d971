package dev.troupe.dist;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.dist.Shell.Ended;
import dev.troupe.dist.testkit.LocalClusterHarness;
import dev.troupe.dist.testkit.NodeProcess;
import dev.troupe.dist.testkit.Site;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cluster with TLS and a token, by the command line: who has both gets in, and nobody else. */
class SecuredClusterIT {

  private static final int UNREACHABLE = 4;
  private static final int NOT_PERMITTED = 5;
  private static final int BAD_CONFIG = 2;

  @TempDir Path directory;

  @Test
  void onlyWhoTrustsItAndShowsTheTokenGetsIn() throws Exception {
    Site site = Site.closed("127.0.0.1", directory.resolve("security"));
    try (LocalClusterHarness cluster = LocalClusterHarness.start(site, directory, 1)) {
      Shell shell = new Shell(directory);
      String address = "127.0.0.1:" + cluster.grpcPort();
      String trust = site.trust().toString();
      String token = site.token().toString();
      String wrong = Files.writeString(directory.resolve("wrong"), "another\n").toString();

      Ended run =
          shell.run(
              "run",
              "pi",
              "--id",
              "pi",
              "--set",
              "tasks=4",
              "-o",
              "json",
              "--address",
              address,
              "--tls-trust",
              trust,
              "--token-file",
              token);
      assertThat(run.code()).as(run.err()).isZero();
      assertThat(run.out()).contains("\"pi\"");

      Ended noToken = shell.run("jobs", "--address", address, "--tls-trust", trust);
      assertThat(noToken.code()).as(noToken.err()).isEqualTo(NOT_PERMITTED);
      assertThat(noToken.err()).contains("--token-file");
      Ended wrongToken =
          shell.run(
              "cancel", "pi", "--address", address, "--tls-trust", trust, "--token-file", wrong);
      assertThat(wrongToken.code()).as(wrongToken.err()).isEqualTo(NOT_PERMITTED);
      Ended plain = shell.run("jobs", "--address", address, "--token-file", token);
      assertThat(plain.code()).as(plain.err()).isEqualTo(UNREACHABLE);
      assertThat(plain.err()).contains("--tls-trust").doesNotContain("of-this-test");

      NodeProcess stranger = cluster.startWorker("stranger", "troupe.security.token-file=" + wrong);
      assertThat(stranger.awaitExit(Duration.ofSeconds(60))).isEqualTo(BAD_CONFIG);
      assertThat(stranger.log()).contains("troupe.security.token-file");
      assertThat(cluster.listWorkers()).hasSize(1);
    }
  }
}
