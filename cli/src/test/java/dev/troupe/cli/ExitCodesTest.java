package dev.troupe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.troupe.cli.testkit.FakeCluster;
import dev.troupe.cli.testkit.TestIo;
import io.grpc.Status;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExitCodesTest {

  @TempDir private Path folder;
  private FakeCluster cluster;
  private TestIo io;

  @BeforeEach
  void start() {
    cluster = new FakeCluster();
    io = new TestIo(folder).env("TROUPE_ADDRESS", cluster.address());
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  @ParameterizedTest
  @CsvSource({
    "INVALID_ARGUMENT, 2",
    "ALREADY_EXISTS, 2",
    "NOT_FOUND, 3",
    "UNAVAILABLE, 4",
    "DEADLINE_EXCEEDED, 4",
    "PERMISSION_DENIED, 5",
    "UNAUTHENTICATED, 5",
    "FAILED_PRECONDITION, 1",
    "RESOURCE_EXHAUSTED, 1",
    "INTERNAL, 1",
    "DATA_LOSS, 1"
  })
  void eachStatusHasItsCode(Status.Code code, int exit) {
    cluster.refusal = code.toStatus().withDescription("because").asRuntimeException();
    assertThat(io.run("describe pi-1")).isEqualTo(exit);
    assertThat(io.out()).isEmpty();
    assertThat(io.err()).startsWith("error: ").doesNotContain("\tat ");
  }

  @Test
  void anInvalidJobGetsALineForEachField() {
    Map<String, String> violations = new LinkedHashMap<>();
    violations.put("maxTokens", "-1 (expected: > 0)");
    violations.put("learnRate", "unknown; did you mean learningRate?");
    cluster.refusal = FakeCluster.invalid(violations);
    assertThat(io.run("submit sft")).isEqualTo(2);
    assertThat(io.err())
        .isEqualTo(
            """
            error: the job is not valid:
              maxTokens: -1 (expected: > 0)
              learnRate: unknown; did you mean learningRate?
            """);
    cluster.refusal = FakeCluster.invalid(Map.of("maxTokens", "-1 (expected: > 0)"));
    TestIo other = new TestIo(folder).env("TROUPE_ADDRESS", cluster.address());
    assertThat(other.run("submit sft")).isEqualTo(2);
    assertThat(other.err()).isEqualTo("error: maxTokens: -1 (expected: > 0)\n");
    cluster.refusal = FakeCluster.invalid(Map.of("job_id", "'A' (expected: lower case)"));
    assertThat(other.run("submit sft --id A")).isEqualTo(2);
    assertThat(other.err()).endsWith("error: job id: 'A' (expected: lower case)\n");
  }

  @Test
  void nobodyThere() {
    cluster.stop();
    assertThat(io.run("jobs")).isEqualTo(4);
    assertThat(io.err())
        .contains("cannot reach a coordinator at " + cluster.address())
        .contains("troupe up");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jbos",
        "jobs --limt=3",
        "jobs -o tabel",
        "jobs --timeout soon",
        "jobs --state done",
        "jobs --limit 0",
        "describe",
        "submit",
        "submit pi --set tasks",
        "demo prices",
        "jobs --address nowhere",
        "jobs --token-file none",
        "run pi --local --address 127.0.0.1:1",
        "run pi --dir x",
        "up --workers 0",
        "jobs extra",
        "logs pi-1 --tail -1",
        "logs pi-1 -o json",
        "artifacts pi-1 -O x"
      })
  void wrongUsage(String command) {
    assertThat(io.run(command)).isEqualTo(2);
    assertThat(io.err()).startsWith("error: ").doesNotContain("\tat ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "jobs -o xml | --output: 'xml' (expected: one of table, wide, json, yaml, name)",
        "jobs --limit x | --limit: 'x' (expected: a whole number)",
        "run pi --priority 1.5 | --priority: '1.5' (expected: a whole number)",
        "jobs --timeout soon | --timeout: 'soon' (expected: as in 500ms, 30s, 5m or 1h)",
        "jobs extra | 'extra' is one argument too many",
        "jbos | unknown command 'jbos'; did you mean 'jobs'?",
        "jobs --limt 3 | unknown option '--limt'; did you mean '--limit'?",
      })
  void aWrongArgumentIsNamedWithWhatWasExpected(String command, String message) {
    assertThat(io.run(command)).isEqualTo(2);
    assertThat(io.err().lines().findFirst()).hasValue("error: " + message);
  }

  @Test
  void withoutACommandTheHelpIsShown() {
    assertThat(TroupeCli.run(io.io())).isEqualTo(2);
    assertThat(io.err()).contains("Usage: troupe").contains("Begin with: troupe demo");
    assertThat(io.run("jobs --help")).isZero();
    assertThat(io.out()).contains("Usage: troupe jobs").doesNotContain("Begin with");
  }

  @Test
  void trustThatIsNoCertificateIsNamed() throws IOException {
    Files.writeString(folder.resolve("ca.crt"), "no certificate");
    assertThat(io.run("jobs --tls-trust ca.crt")).isEqualTo(2);
    assertThat(io.err())
        .startsWith("error: --tls-trust: " + folder.resolve("ca.crt") + " (expected: a PEM file");
  }

  @Test
  void aServerOfAnotherKindIsNoCluster() throws Exception {
    HttpServer other =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    other.start();
    try {
      String address = "127.0.0.1:" + other.getAddress().getPort();
      assertThat(io.run("jobs --timeout 20s --address " + address)).isEqualTo(4);
      assertThat(io.err()).contains("what listens at " + address).contains("is no coordinator");
    } finally {
      other.stop(0);
    }
  }

  @Test
  void aMistypedNameBringsTheRightOne() {
    io.run("jbos");
    assertThat(io.err()).contains("did you mean 'jobs'?").contains("See 'troupe --help'.");
    io.run("jobs --limt 3");
    assertThat(io.err()).contains("did you mean '--limit'?").contains("See 'troupe jobs --help'.");
  }

  @Test
  void theContextFileNamesTheClusterUnlessSomethingGoesFirst() throws IOException {
    Path context =
        Files.createDirectories(folder.resolve(".config/troupe")).resolve("context.yaml");
    Files.writeString(context, "# comment\naddress: \"" + cluster.address() + "\"\n");
    TestIo other = new TestIo(folder);
    assertThat(other.run("jobs")).isZero();
    assertThat(other.run("jobs --address 127.0.0.1:1")).isEqualTo(4);
    Files.writeString(context, "adress: x\n");
    assertThat(other.run("jobs")).isEqualTo(2);
    assertThat(other.err()).contains("context.yaml, line 1: adress: unknown key (expected: ");
    Files.writeString(context, "address: here\n");
    assertThat(other.run("jobs")).isEqualTo(2);
    assertThat(other.err()).contains("context.yaml: address: 'here' (expected: HOST:PORT");
  }

  @Test
  void aTokenLeavesThisMachineOnlyOverTls() throws IOException {
    Files.writeString(folder.resolve("token"), "secret\n");
    assertThat(io.run("jobs --token-file token")).isZero();
    assertThat(io.run("jobs --token-file token --address 192.0.2.1:7070")).isEqualTo(2);
    assertThat(io.err()).contains("only over TLS").doesNotContain("secret");
  }
}
