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

/** Shows on a throw-away cluster what Troupe does, with data that the demo makes itself. */
@Command(
    name = "demo",
    description =
        "Train a small language model over worker processes on this machine and show what it"
            + " learned (sft), or back-test option pricing models on a simulated market (pricing).")
public final class DemoCommand implements Callable<Integer> {

  private static final Map<String, Demo> DEMOS = demos();
  private static final String REPORT = "report.html";
  private static final Duration CALL_LIMIT = Duration.ofSeconds(30);
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static Map<String, Demo> demos() {
    Map<String, Demo> demos = new LinkedHashMap<>();
    demos.put("sft", new SftDemo());
    demos.put("pricing", new PricingDemo());
    return demos;
  }

  @Parameters(
      arity = "0..1",
      paramLabel = "DEMO",
      defaultValue = "sft",
      description = "Which demo: sft or pricing (default: sft).")
  private String name;

  @Option(
      names = "--workers",
      paramLabel = "N",
      defaultValue = "2",
      description =
          "Worker processes (default: ${DEFAULT-VALUE}); the result does not depend on it.")
  private int workers;

  @Option(names = "--seed", paramLabel = "N", description = "Of all that is random (default: 7).")
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
    Demo demo = DEMOS.get(name);
    if (demo == null) {
      throw CliException.invalid(
          "demo: '%s' (expected: one of %s)%s"
              .formatted(name, DEMOS.keySet(), Nearest.hint(name, List.copyOf(DEMOS.keySet()))));
    }
    LocalCluster.Options options =
        new LocalCluster.Options(LocalDirectories.temporary(), false, workers, 0);
    try (LocalCluster cluster = LocalCluster.start(io, options);
        Client client = Client.connect(cluster.address(), null, "", CALL_LIMIT)) {
      return explained(client, () -> run(demo, client));
    }
  }

  private int run(Demo demo, Client client) {
    JobRunner runner = new JobRunner(client, io, PATIENCE);
    Job job = runner.run(request(demo));
    if (job.getState() == JobState.JOB_STATE_SUCCEEDED) {
      Path report = io.directory().resolve(directory).resolve(REPORT).normalize();
      Artifact artifact = Download.find(client, job.getId(), REPORT);
      Download.toFile(client, job.getId(), artifact, report);
      Map<String, Object> figures = figures(demo, job, report);
      if (!output.printStructured(io, figures)) {
        demo.print(io, figures, Json.fromStruct(job.getResult()));
      }
    }
    return runner.conclude(job);
  }

  private SubmitJobRequest request(Demo demo) {
    Map<String, Object> options = new LinkedHashMap<>(demo.options(workers));
    if (seed != null) {
      options.put("seed", seed);
    }
    return SubmitJobRequest.newBuilder()
        .setJobId("demo")
        .setSpec(
            JobSpec.newBuilder()
                .setWorkload(demo.workload())
                .setName("demo")
                .setOptions(Json.toStruct(options)))
        .build();
  }

  private static Map<String, Object> figures(Demo demo, Job job, Path report) {
    Map<String, Object> result = Json.fromStruct(job.getResult());
    Map<String, Object> figures = new LinkedHashMap<>();
    for (String figure : demo.figures()) {
      if (!result.containsKey(figure)) {
        throw new CliException(
            ExitCode.FAILED, "the demo's result lacks " + figure + ": " + result.keySet());
      }
      figures.put(figure, result.get(figure));
    }
    figures.put("report", report.toString());
    return figures;
  }
}
