package dev.troupe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.cli.testkit.FakeCluster;
import dev.troupe.cli.testkit.TestIo;
import io.grpc.Status;
import java.io.IOException;
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
            error: maxTokens: -1 (expected: > 0)
            learnRate: unknown; did you mean learningRate?
            """);
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
        "demo pricing",
        "jobs --address nowhere",
        "jobs --token-file none",
        "run pi --local --address 127.0.0.1:1",
        "run pi --dir x",
        "up --workers 0"
      })
  void wrongUsage(String command) {
    assertThat(io.run(command)).isEqualTo(2);
    assertThat(io.err()).startsWith("error: ").doesNotContain("\tat ");
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
    assertThat(other.err()).contains("context.yaml, line 1: adress (expected: one of ");
  }

  @Test
  void aTokenLeavesThisMachineOnlyOverTls() throws IOException {
    Files.writeString(folder.resolve("token"), "secret\n");
    assertThat(io.run("jobs --token-file token")).isZero();
    assertThat(io.run("jobs --token-file token --address 192.0.2.1:7070")).isEqualTo(2);
    assertThat(io.err()).contains("only over TLS").doesNotContain("secret");
  }
}
