package dev.troupe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.troupe.cli.testkit.FakeCluster;
import dev.troupe.cli.testkit.SampleJobs;
import dev.troupe.cli.testkit.TestIo;
import dev.troupe.proto.v1.SubmitJobRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of arguments and job files when a job is submitted. */
class SubmitTest {

  @TempDir private Path folder;
  private FakeCluster cluster;
  private TestIo io;

  @BeforeEach
  void start() {
    cluster = SampleJobs.cluster();
    io = new TestIo(folder).env("TROUPE_ADDRESS", cluster.address());
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void aDryRunPrintsNoIdThatIsNotThere() {
    assertThat(io.run("submit sft --dry-run")).isZero();
    assertThat(io.out()).isEmpty();
    assertThat(io.err()).isEqualTo("The job is valid; nothing was submitted.\n");
  }

  @Test
  void submitMakesPathsAbsoluteAndChoosesAnId() {
    assertThat(io.run("submit sft --set model=models/small --set data=a.jsonl --set note=a/b"))
        .isZero();
    SubmitJobRequest sent = cluster.last(SubmitJobRequest.class);
    Struct options = sent.getSpec().getOptions();
    assertThat(text(options, "model")).isEqualTo(folder.resolve("models/small").toString());
    assertThat(text(options, "data")).isEqualTo(folder.resolve("a.jsonl").toString());
    assertThat(text(options, "note")).isEqualTo("a/b");
    assertThat(io.run("submit sft --set data=a.jsonl,/b.jsonl --id several")).isZero();
    Struct several = cluster.last(SubmitJobRequest.class).getSpec().getOptions();
    assertThat(several.getFieldsOrThrow("data").getListValue().getValuesList())
        .extracting(Value::getStringValue)
        .containsExactly(folder.resolve("a.jsonl").toString(), "/b.jsonl");
    assertThat(sent.getJobId()).matches("sft-[a-z0-9]{6}");
    assertThat(io.out()).isEqualTo(sent.getJobId() + "\nseveral\n");
  }

  @Test
  void addressesAreNoPaths() {
    assertThat(io.run("submit sft --set model=hf:acme/tiny@main --set data=https://a/b.jsonl"))
        .isZero();
    Struct options = cluster.last(SubmitJobRequest.class).getSpec().getOptions();
    assertThat(text(options, "model")).isEqualTo("hf:acme/tiny@main");
    assertThat(text(options, "data")).isEqualTo("https://a/b.jsonl");
  }

  @Test
  void aJobFileIsReadAndArgumentsGoFirst() throws IOException {
    Files.writeString(
        folder.resolve("job.yaml"),
        """
        workload: sft
        name: first try
        id: try-1
        priority: 3
        options:
          epochs: 0.5
          data: [a.jsonl, /b.jsonl]
        """);
    assertThat(io.run("submit -f job.yaml --set epochs=2 --priority 4 --dry-run")).isZero();
    SubmitJobRequest sent = cluster.last(SubmitJobRequest.class);
    assertThat(sent.getJobId()).isEqualTo("try-1");
    assertThat(sent.getDryRun()).isTrue();
    assertThat(sent.getSpec().getName()).isEqualTo("first try");
    assertThat(sent.getSpec().getPriority()).isEqualTo(4);
    assertThat(text(sent.getSpec().getOptions(), "epochs")).isEqualTo("2");
    assertThat(sent.getSpec().getOptions().getFieldsOrThrow("data").getListValue().getValuesList())
        .extracting(Value::getStringValue)
        .containsExactly(folder.resolve("a.jsonl").toString(), "/b.jsonl");
  }

  @Test
  void aJobFileThatIsWrongNamesTheLineOrTheKey() throws IOException {
    Path file = folder.resolve("job.yaml");
    Files.writeString(file, "workload: sft\noptions: [\n");
    assertThat(io.run("submit -f job.yaml")).isEqualTo(2);
    assertThat(io.err()).contains("job.yaml, line ");
    Files.writeString(file, "workload: sft\noption: {}\n");
    assertThat(io.run("submit -f job.yaml")).isEqualTo(2);
    assertThat(io.err())
        .contains("option: unknown key (expected: ")
        .contains("did you mean 'options'?");
    Files.writeString(file, "workload: sft\noptions:\n\tepochs: 1\n");
    assertThat(io.run("submit -f job.yaml")).isEqualTo(2);
    assertThat(io.err()).contains("job.yaml, line 3: found character '\\t(TAB)'");
    Files.writeString(file, "workload: sft\nworkload: pi\n");
    assertThat(io.run("submit -f job.yaml")).isEqualTo(2);
    assertThat(io.err()).contains("job.yaml, line 2: Duplicate field 'workload'");
    Files.writeString(file, "");
    assertThat(io.run("submit -f job.yaml")).isEqualTo(2);
    assertThat(io.err()).contains("job.yaml: is empty (expected: a map with the keys ");
    assertThat(io.run("submit -f none.yaml")).isEqualTo(2);
    assertThat(io.err()).contains("none.yaml (expected: a readable YAML file)");
  }

  private static String text(Struct options, String name) {
    return options.getFieldsOrThrow(name).getStringValue();
  }
}
