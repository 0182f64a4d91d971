package dev.troupe.cli.command;

import dev.troupe.cli.internal.CliException;
import dev.troupe.cli.internal.Client;
import dev.troupe.cli.internal.ExitCode;
import dev.troupe.cli.internal.Format;
import dev.troupe.cli.internal.Io;
import dev.troupe.cli.internal.OutputOptions;
import dev.troupe.cli.internal.OutputOptions.Form;
import dev.troupe.cli.internal.Style;
import dev.troupe.cli.internal.Table;
import dev.troupe.cli.internal.Views;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.JobState;
import dev.troupe.proto.v1.ListJobsRequest;
import dev.troupe.proto.v1.ListJobsResponse;
import dev.troupe.proto.v1.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists jobs, newest first. */
@Command(name = "jobs", description = "List jobs, newest first.")
public final class JobsCommand extends ClientCommand {

  @Mixin private OutputOptions output;

  private static final int MAX_PAGE = 1000;

  @Option(
      names = "--state",
      paramLabel = "STATE",
      split = ",",
      description = "Only these: pending, running, cancelling, succeeded, failed, cancelled.")
  private List<String> states = new ArrayList<>();

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "100",
      description = "At most so many (default: ${DEFAULT-VALUE}).")
  private int limit;

  public JobsCommand(Io io) {
    super(io);
  }

  @Override
  int run(Client client) {
    if (limit < 1) {
      throw CliException.invalid("--limit: " + limit + " (expected: > 0)");
    }
    List<Job> jobs = fetch(client);
    if (output.printStructured(io, jobs.stream().map(Views::job).toList())) {
      return ExitCode.DONE;
    }
    if (output.form() == Form.name) {
      jobs.forEach(job -> io.out().println(job.getId()));
      return ExitCode.DONE;
    }
    print(jobs, output.form() == Form.wide);
    return ExitCode.DONE;
  }

  private List<Job> fetch(Client client) {
    ListJobsRequest.Builder request = ListJobsRequest.newBuilder();
    states.forEach(state -> request.addStates(parse(state)));
    List<Job> jobs = new ArrayList<>();
    do {
      request.setPageSize(Math.min(limit - jobs.size(), MAX_PAGE));
      ListJobsResponse page = client.jobs().listJobs(request.build());
      jobs.addAll(page.getJobsList());
      request.setPageToken(page.getNextPageToken());
    } while (!request.getPageToken().isEmpty() && jobs.size() < limit);
    return jobs;
  }

  private static JobState parse(String state) {
    for (JobState known : JobState.values()) {
      if (known != JobState.UNRECOGNIZED
          && known != JobState.JOB_STATE_UNSPECIFIED
          && Views.state(known).equals(state.toLowerCase(Locale.ROOT))) {
        return known;
      }
    }
    throw CliException.invalid(
        "--state: "
            + state
            + " (expected: pending, running, cancelling, succeeded, failed or cancelled)");
  }

  private void print(List<Job> jobs, boolean wide) {
    Style style = io.outStyle();
    Table table =
        wide
            ? new Table(
                "ID",
                "NAME",
                "WORKLOAD",
                "STATE",
                "PROGRESS",
                "AGE",
                "TIME",
                "PRIORITY",
                "TASKS",
                "REASON")
            : new Table("ID", "NAME", "STATE", "PROGRESS", "AGE", "TIME");
    Instant now = Instant.now();
    for (Job job : jobs) {
      Table.Cell state =
          new Table.Cell(Views.state(job.getState()), t -> style.state(job.getState(), t));
      String age = job.hasCreated() ? Format.age(job.getCreated(), now) : "";
      if (wide) {
        table.row(
            job.getId(),
            job.getSpec().getName(),
            job.getSpec().getWorkload(),
            state,
            progress(job),
            age,
            time(job, now),
            job.getSpec().getPriority(),
            tasks(job),
            reason(job));
      } else {
        table.row(job.getId(), job.getSpec().getName(), state, progress(job), age, time(job, now));
      }
    }
    table.print(io);
    if (jobs.isEmpty()) {
      io.message("No jobs. Submit one with 'troupe run WORKLOAD'.");
    }
  }

  private static String progress(Job job) {
    Progress progress = job.getProgress();
    if (job.getState() == JobState.JOB_STATE_RUNNING && !job.getPendingReason().isEmpty()) {
      return "waiting";
    } else if (progress.getTotal() > 0) {
      return progress.getPhase() + " " + progress.getDone() + "/" + progress.getTotal();
    }
    return progress.getPhase();
  }

  private static String tasks(Job job) {
    return job.getTasks().getSubmitted() == 0
        ? ""
        : job.getTasks().getSucceeded() + "/" + job.getTasks().getSubmitted();
  }

  private static String reason(Job job) {
    return job.hasFailure()
        ? Format.cut(Views.reason(job.getFailure()), 80)
        : job.getPendingReason();
  }

  static String time(Job job, Instant now) {
    if (!job.hasStarted()) {
      return "";
    }
    Instant end = job.hasEnded() ? Format.instant(job.getEnded()) : now;
    return Format.duration(Duration.between(Format.instant(job.getStarted()), end));
  }
}
