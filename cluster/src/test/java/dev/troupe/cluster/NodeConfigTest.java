package dev.troupe.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.testkit.Certificates;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodeConfigTest {

  @TempDir Path dir;

  private static NodeConfig load(Map<String, String> overrides) {
    return NodeConfig.load(Optional.empty(), overrides);
  }

  private Path write(String name, String text) throws Exception {
    return Files.writeString(dir.resolve(name), text);
  }

  @Test
  void theDefaultsAreValidAndClosed() {
    NodeConfig config = load(Map.of());
    assertThat(config.bindHost()).isEqualTo("127.0.0.1");
    assertThat(config.advertiseHost()).isEqualTo("127.0.0.1");
    assertThat(config.security().isClosed()).isFalse();
    assertThat(config.worker().id()).endsWith("-" + ProcessHandle.current().pid());
    assertThat(config.worker().stallTimeout()).isEqualTo(Duration.ofSeconds(60));
    assertThat(config.coordinator().logBytesPerJob()).isEqualTo(64 << 20);
    assertThat(config.coordinator().journal())
        .isEqualTo(new CoordinatorConfig.H2(Path.of("troupe-data/journal/troupe")));
  }

  @Test
  void overridesGoOverTheFileAndTheFileOverTheDefaults() throws Exception {
    Path file =
        write(
            "worker.conf",
            "troupe { advertise-host = \"127.0.0.2\", coordinators = [\"127.0.0.1:7071\", \"[::1]:7072\"]\n"
                + "worker { slots = 4, id = w1 } }");
    NodeConfig config =
        NodeConfig.load(
            Optional.of(file), Map.of("troupe.worker.slots", "2", "troupe.control-port", "7099"));
    assertThat(config.worker().slots()).isEqualTo(2);
    assertThat(config.worker().id()).isEqualTo("w1");
    assertThat(config.coordinators())
        .isEqualTo(List.of(new HostPort("127.0.0.1", 7071), new HostPort("[::1]", 7072)));
    assertThat(config.raw().getString("pekko.remote.artery.canonical.hostname"))
        .isEqualTo("127.0.0.2");
    assertThat(config.raw().getInt("pekko.remote.artery.canonical.port")).isEqualTo(7099);
    assertThat(load(Map.of("troupe.coordinators", "a:1, b:2")).coordinators())
        .isEqualTo(List.of(new HostPort("a", 1), new HostPort("b", 2)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "worker.slots | -1 | troupe.worker.slots: -1 (expected: >= 0)",
        "worker.slots | two | troupe.worker.slots: two (expected: >= 0)",
        "control-port | 70000 | troupe.control-port: 70000 (expected: a port, 0 to 65535)",
        "worker.stall-timeout | 0s | troupe.worker.stall-timeout: 0s (expected: a time > 0, as in 500ms or 60s)",
        "worker.transport | rdma | troupe.worker.transport: rdma (expected: auto or tcp)",
        "worker.shared-memory | /no/such | troupe.worker.shared-memory: /no/such (expected: a directory of a memory file system; mount one)",
        "worker.id | a b | troupe.worker.id: a b (expected: at most 63 letters, digits, dots, dashes and underscores)",
        "coordinators | nowhere | troupe.coordinators: 'nowhere' (expected: host:port, as in 10.0.0.5:7071)",
        "coordinator.journal.kind | mysql | troupe.coordinator.journal.kind: mysql (expected: h2 or postgres)",
        "coordinator.worker-lost-after | 1s | troupe.coordinator.worker-lost-after: 1000ms (expected: at least twice heartbeat-every, 1000ms)",
        "coordinator.log-bytes-per-job | 1kB | troupe.coordinator.log-bytes-per-job: 1kB (expected: a size >= 65536 bytes, as in 64MiB)",
        "store.collect-after | 1m | troupe.store.collect-after: 60000ms (expected: at least 1h, for clocks differ)",
        "store.url | file:///tmp | troupe.store.url: file:///tmp (expected: s3://BUCKET or s3://BUCKET/PREFIX)",
        "store.url | s3://Bucket | troupe.store.url: s3://Bucket (expected: s3://BUCKET or s3://BUCKET/PREFIX)",
        "store.cache-bytes | lots | troupe.store.cache-bytes: lots (expected: a size >= 0 bytes, as in 64MiB)",
        "worker.slot | 1 | troupe.worker.slot: no such key (did you mean troupe.worker.slots?); see reference.conf",
        "security.token-file | /no/such | troupe.security.token-file: /no/such (expected: a file that exists and that this process may read)",
      })
  void whatIsWrongIsSaidByKeyValueAndExpectation(String key, String value, String message) {
    assertThatThrownBy(() -> load(Map.of("troupe." + key, value)))
        .isInstanceOf(NodeException.class)
        .hasMessage(message);
  }

  @Test
  void aBucketIsFoundByItsUrl() throws Exception {
    assertThat(load(Map.of()).store().s3()).isEmpty();
    Map<String, String> set = new HashMap<>(Map.of("troupe.store.url", "s3://ours/a/b/"));
    set.put("troupe.store.s3.region", "eu-central-1");
    S3Config aws = load(set).store().s3().orElseThrow();
    assertThat(aws.bucket()).isEqualTo("ours");
    assertThat(aws.prefix()).isEqualTo("a/b/");
    assertThat(aws.endpoint()).hasToString("https://s3.eu-central-1.amazonaws.com");
    assertThat(aws.pathStyle()).isFalse();
    assertThat(aws.timeout()).isEqualTo(Duration.ofMinutes(2));

    set.put("troupe.store.s3.endpoint", "http://minio:9000/");
    set.put("troupe.store.s3.credentials-file", write("credentials", "").toString());
    S3Config minio = load(set).store().s3().orElseThrow();
    assertThat(minio.endpoint()).hasToString("http://minio:9000");
    assertThat(minio.pathStyle()).isTrue();
    assertThat(minio.credentialsFile()).contains(dir.resolve("credentials"));

    set.put("troupe.store.s3.path-style", "perhaps");
    set.put("troupe.store.s3.timeout", "10ms");
    assertThatThrownBy(() -> load(set))
        .hasMessageContaining("s3.path-style: perhaps (expected: auto, true or false)")
        .hasMessageContaining("s3.timeout: 10ms (expected: at least 1s)");
    set.put("troupe.store.s3.endpoint", "minio:9000");
    assertThatThrownBy(() -> load(set))
        .hasMessageContaining("s3.endpoint: minio:9000 (expected: http(s)://HOST[:PORT])");
  }

  @Test
  void allThatIsWrongIsSaidAtOnce() {
    assertThatThrownBy(() -> load(Map.of("troupe.worker.slots", "x", "troupe.log.files", "0")))
        .hasMessageContaining("troupe.worker.slots: x")
        .hasMessageContaining("troupe.log.files: 0");
  }

  @Test
  void anOpenBindWithoutTlsAndTokenIsRefused() throws Exception {
    Map<String, String> open = new HashMap<>();
    open.put("troupe.bind-host", "0.0.0.0");
    open.put("troupe.advertise-host", "127.0.0.1");
    assertThatThrownBy(() -> load(open))
        .hasMessageContaining("troupe.bind-host: 0.0.0.0 (expected: a loopback address")
        .hasMessageContaining("troupe.security.tls.certificate, .private-key and .trust")
        .hasMessageContaining("troupe.security.token-file");

    open.put("troupe.security.token-file", write("token", "secret\n").toString());
    assertThatThrownBy(() -> load(open))
        .hasMessageContaining("missing: troupe.security.tls.certificate")
        .hasMessageNotContaining("token-file");

    open.put("troupe.security.tls.certificate", write("c", "").toString());
    assertThatThrownBy(() -> load(open)).hasMessageContaining("all three or none");
    open.putAll(Certificates.settings(dir));
    NodeConfig closed = load(open);
    assertThat(closed.security().isClosed()).isTrue();
    assertThat(closed.security().token()).contains("secret");

    open.remove("troupe.security.token-file");
    assertThatThrownBy(() -> load(open)).hasMessageContaining("token-file");
  }

  @Test
  void tlsFilesAreLookedAtBeforeTheyAreUsed() throws Exception {
    Map<String, String> tls = Certificates.settings(dir);
    Map<String, String> others = Certificates.settings(Files.createDirectories(dir.resolve("b")));
    String key = others.get("troupe.security.tls.private-key");
    tls.put("troupe.security.tls.private-key", key);
    assertThatThrownBy(() -> load(tls))
        .isInstanceOf(NodeException.class)
        .hasMessageContaining("troupe.security.tls.private-key: " + key)
        .hasMessageContaining("(expected: the key of certificate ");

    tls.put("troupe.security.tls.certificate", write("c", "no certificate").toString());
    tls.put("troupe.security.tls.private-key", write("k", "no key").toString());
    assertThatThrownBy(() -> load(tls))
        .hasMessageContaining("tls.certificate: " + dir.resolve("c") + " (expected: a PEM cert")
        .hasMessageContaining("tls.private-key: " + dir.resolve("k") + " (expected: a PEM key,");
  }

  @Test
  void anAddressThatMeansAllAddressesCannotBeAdvertised() {
    assertThatThrownBy(() -> load(Map.of("troupe.advertise-host", "0.0.0.0")))
        .hasMessageContaining("troupe.advertise-host: 0.0.0.0 (expected: a name or address");
  }

  @Test
  void anEmptyTokenFileIsAnError() throws Exception {
    NodeConfig config =
        load(Map.of("troupe.security.token-file", write("token", "\nsecret").toString()));
    assertThatThrownBy(() -> config.security().token())
        .hasMessageContaining("expected: a file whose first line is the secret");
  }

  @Test
  void aFileThatIsMissingOrDoesNotParseIsAnError() throws Exception {
    assertThatThrownBy(() -> NodeConfig.load(Optional.of(dir.resolve("no.conf")), Map.of()))
        .isInstanceOf(NodeException.class)
        .hasMessageContaining("no.conf does not exist (expected: a configuration file");
    assertThatThrownBy(() -> NodeConfig.load(Optional.of(dir), Map.of()))
        .isInstanceOf(NodeException.class)
        .hasMessageContaining(dir + " is a folder (expected: a configuration file");
    Path mistyped = write("mistyped.conf", "trupe { worker.slots = 1 }\npekko.loglevel = INFO");
    assertThatThrownBy(() -> NodeConfig.load(Optional.of(mistyped), Map.of()))
        .isInstanceOf(NodeException.class)
        .hasMessage(
            "trupe.worker.slots: no such key (did you mean troupe.worker.slots?); see reference.conf");
    Path broken = write("broken.conf", "troupe {\n  worker.slots = 1\n");
    assertThatThrownBy(() -> NodeConfig.load(Optional.of(broken), Map.of()))
        .isInstanceOf(NodeException.class)
        .hasMessageContaining("broken.conf");
  }
}
