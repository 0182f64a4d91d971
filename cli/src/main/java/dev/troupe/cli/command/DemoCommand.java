package dev.troupe.cli.command;

import static dev.troupe.cli.command.ClientCommand.explained;

import dev.troupe.cli.internal.CliException;
import dev.troupe.cli.internal.Client;
import dev.troupe.cli.internal.Download;
import dev.troupe.cli.internal.ExitCode;
import dev.troupe.cli.internal.Io;
import dev.troupe.cli.internal.JobRunner;
import dev.troupe.cli.internal.Json;
import dev.troupe.cli.internal.Nearest;
import dev.troupe.cli.internal.OutputOptions;
import dev.troupe.cli.local.LocalCluster;
import dev.troupe.cli.local.LocalDirectories;
import dev.troupe.proto.v1.Artifact;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.JobSpec;
import dev.troupe.proto.v1.JobState;
import dev.troupe.proto.v1.SubmitJobRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Trains a small language model on a throw-away cluster, from nothing to answers. */
@Command(
    name = "demo",
    description =
        "Train a small language model over worker processes on this machine, and show what it"
            + " learned.")
public final class DemoCommand implements Callable<Integer> {

  private static final List<String> DEMOS = List.of("sft");
  private static final String REPORT = "report.html";
  private static final Duration CALL_LIMIT = Duration.ofSeconds(30);
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** What {@code -o json} prints, in this order. */
  private static final List<String> FIGURES =
      List.of(
          "lossBefore",
          "lossAfter",
          "exactMatchBefore",
          "exactMatchAfter",
          "tokensPerSecond",
          "allReduceShare",
          "weightsSha256");

  @Parameters(
      arity = "0..1",
      paramLabel = "DEMO",
      defaultValue = "sft",
      description = "Which demo: sft (default: sft).")
  private String demo;

  @Option(
      names = "--workers",
      paramLabel = "N",
      defaultValue = "2",
      description =
          "Worker processes (default: ${DEFAULT-VALUE}); the result does not depend on it.")
  private int workers;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of the data, the first weights and the order of the rows (default: 7).")
  private Long seed;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      defaultValue = "troupe-demo",
      description = "Where the report goes (default: ${DEFAULT-VALUE}).")
  private Path directory;

  @Mixin private OutputOptions output;

  private final Io io;

  public DemoCommand(Io io) {
    this.io = io;
  }

  @Override
  public Integer call() {
    if (!DEMOS.contains(demo)) {
      throw CliException.invalid(
          "demo: '" + demo + "' (expected: one of " + DEMOS + ")" + Nearest.hint(demo, DEMOS));
    }
    LocalCluster.Options options =
        new LocalCluster.Options(LocalDirectories.temporary(), false, workers, 0);
    try (LocalCluster cluster = LocalCluster.start(io, options);
        Client client = Client.connect(cluster.address(), null, "", CALL_LIMIT)) {
      return explained(client, () -> run(client));
    }
  }

  private int run(Client client) {
    JobRunner runner = new JobRunner(client, io, PATIENCE);
    Job job = runner.run(request());
    if (job.getState() == JobState.JOB_STATE_SUCCEEDED) {
      Path report = io.directory().resolve(directory).resolve(REPORT).normalize();
      Artifact artifact = Download.find(client, job.getId(), REPORT);
      Download.toFile(client, job.getId(), artifact, report);
      new DemoReport(io).print(figures(job, report), Json.fromStruct(job.getResult()), output);
    }
    return runner.conclude(job);
  }

  private SubmitJobRequest request() {
    Map<String, Object> options = new LinkedHashMap<>();
    options.put("workers", workers);
    if (seed != null) {
      options.put("seed", seed);
    }
    return SubmitJobRequest.newBuilder()
        .setJobId("demo")
        .setSpec(
            JobSpec.newBuilder()
                .setWorkload("demo")
                .setName("demo")
                .setOptions(Json.toStruct(options)))
        .build();
  }

  private static Map<String, Object> figures(Job job, Path report) {
    Map<String, Object> result = Json.fromStruct(job.getResult());
    Map<String, Object> figures = new LinkedHashMap<>();
    for (String name : FIGURES) {
      if (!result.containsKey(name)) {
        throw new CliException(
            ExitCode.FAILED, "the demo's result lacks " + name + ": " + result.keySet());
      }
      figures.put(name, result.get(name));
    }
    figures.put("report", report.toString());
    return figures;
  }
}
