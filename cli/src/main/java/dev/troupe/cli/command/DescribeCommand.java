package dev.troupe.cli.command;

import dev.troupe.cli.internal.Client;
import dev.troupe.cli.internal.ExitCode;
import dev.troupe.cli.internal.Format;
import dev.troupe.cli.internal.Io;
import dev.troupe.cli.internal.Json;
import dev.troupe.cli.internal.OutputOptions;
import dev.troupe.cli.internal.OutputOptions.Form;
import dev.troupe.cli.internal.PhaseLine;
import dev.troupe.cli.internal.Style;
import dev.troupe.cli.internal.Views;
import dev.troupe.proto.v1.Attempt;
import dev.troupe.proto.v1.Gang;
import dev.troupe.proto.v1.GetJobRequest;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.JobState;
import dev.troupe.proto.v1.TaskCounts;
import dev.troupe.proto.v1.TimelineEvent;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shows all that is known of a job. */
@Command(name = "describe", description = "Show all that is known of a job.")
public final class DescribeCommand extends ClientCommand {

  @Mixin private OutputOptions output;

  @Parameters(paramLabel = "JOB", description = "The job's id.")
  private String jobId;

  public DescribeCommand(Io io) {
    super(io);
  }

  @Override
  int run(Client client) {
    Job job = client.jobs().getJob(GetJobRequest.newBuilder().setJobId(jobId).build());
    if (output.printStructured(io, Views.job(job))) {
      return ExitCode.DONE;
    }
    if (output.form() == Form.name) {
      io.out().println(job.getId());
      return ExitCode.DONE;
    }
    new Page(io, ZoneId.systemDefault(), output.form() == Form.wide).print(job, Instant.now());
    return ExitCode.DONE;
  }

  /** The page for people. */
  private record Page(Io io, ZoneId zone, boolean wide) {

    void print(Job job, Instant now) {
      Style style = io.outStyle();
      line("Job", job.getId());
      if (!job.getSpec().getName().equals(job.getSpec().getWorkload())) {
        line("Name", job.getSpec().getName());
      }
      line("Workload", job.getSpec().getWorkload());
      line("State", style.state(job.getState(), Views.state(job.getState())));
      line("Waits", job.getPendingReason());
      if (job.getState() == JobState.JOB_STATE_CANCELLED) {
        line("Reason", job.getFailure().getMessage());
      }
      line("Priority", job.getSpec().getPriority() == 0 ? "" : "" + job.getSpec().getPriority());
      line("Created", Format.time(job.getCreated(), job.hasCreated(), zone));
      line("Started", Format.time(job.getStarted(), job.hasStarted(), zone));
      line("Ended", Format.time(job.getEnded(), job.hasEnded(), zone));
      line("Time", JobsCommand.time(job, now));
      if (job.hasProgress() && !job.getProgress().getPhase().isEmpty()) {
        line("Progress", progress(job));
      }
      values("Options", Json.fromStruct(job.getSpec().getOptions()));
      tasks(job.getTasks());
      gangs(job.getGangsList());
      attempts(job.getDriverAttemptsList());
      timeline(job);
      failure(job);
      if (job.hasResult()) {
        values("Result", Json.fromStruct(job.getResult()));
      }
    }

    private void line(String name, String value) {
      if (!value.isEmpty()) {
        io.out().println(head(name) + value);
      }
    }

    private String head(String name) {
      return io.outStyle().bold(String.format(Locale.ROOT, "%-11s", name + ":"));
    }

    private String progress(Job job) {
      PhaseLine line = new PhaseLine(job.getProgress().getPhase(), 0);
      line.update(job.getProgress(), 0);
      return line.running(false, Integer.MAX_VALUE, new Style(false));
    }

    private void section(String name) {
      io.out().println(io.outStyle().bold(name + ":"));
    }

    private void values(String name, Map<String, Object> values) {
      if (!values.isEmpty()) {
        section(name);
        values.forEach(
            (key, value) -> {
              if (value != null) {
                io.out().println("  " + key + ": " + Format.value(value, wide));
              }
            });
      }
    }

    private void tasks(TaskCounts tasks) {
      if (tasks.getSubmitted() > 0) {
        line(
            "Tasks",
            tasks.getSubmitted()
                + " submitted"
                + count(tasks.getRunning(), "running")
                + count(tasks.getSucceeded(), "succeeded")
                + count(tasks.getFailed(), "failed")
                + count(tasks.getRetried(), "retried"));
      }
    }

    private static String count(long count, String what) {
      return count == 0 ? "" : ", " + count + " " + what;
    }

    private void gangs(List<Gang> gangs) {
      if (gangs.isEmpty()) {
        return;
      }
      section("Gangs");
      for (Gang gang : gangs) {
        io.out().println("  " + gang.getKey() + ": " + gang(gang));
      }
    }

    /** {@code running, 1 to 8 ranks, generation 2 on worker-1 worker-2, checkpoint at step 40}. */
    private static String gang(Gang gang) {
      String ranks =
          gang.getMinSize() == gang.getMaxSize()
              ? "" + gang.getMinSize()
              : gang.getMinSize() + " to " + gang.getMaxSize();
      String workers =
          gang.getWorkersCount() == 0 ? "" : " on " + String.join(" ", gang.getWorkersList());
      return gang.getState()
          + ", "
          + ranks
          + (gang.getMaxSize() == 1 ? " rank" : " ranks")
          + (gang.getGeneration() == 0 ? "" : ", generation " + gang.getGeneration() + workers)
          + (gang.getCheckpointStep() == 0
              ? ""
              : ", checkpoint at step " + gang.getCheckpointStep());
    }

    private void attempts(List<Attempt> attempts) {
      if (attempts.isEmpty()) {
        return;
      }
      section("Driver attempts");
      for (Attempt attempt : attempts) {
        String took =
            attempt.hasStarted() && attempt.hasEnded()
                ? " after "
                    + Format.duration(
                        Duration.between(
                            Format.instant(attempt.getStarted()),
                            Format.instant(attempt.getEnded())))
                : "";
        String outcome = attempt.getOutcome().isEmpty() ? "running" : attempt.getOutcome();
        io.out()
            .println(
                "  "
                    + attempt.getNumber()
                    + "  "
                    + Format.time(attempt.getStarted(), attempt.hasStarted(), zone)
                    + "  on "
                    + attempt.getWorker()
                    + "  "
                    + outcome
                    + took);
      }
    }

    private void timeline(Job job) {
      if (job.getTimelineCount() == 0) {
        return;
      }
      section("Timeline");
      if (job.getTimelineDropped() > 0) {
        io.out().println("  (" + job.getTimelineDropped() + " older events dropped)");
      }
      for (TimelineEvent event : job.getTimelineList()) {
        io.out()
            .println("  " + Format.time(event.getTime(), true, zone) + "  " + event.getMessage());
      }
    }

    private void failure(Job job) {
      if (job.getState() != JobState.JOB_STATE_FAILED) {
        return;
      }
      section("Failure");
      io.out().println("  " + Views.reason(job.getFailure()));
      job.getFailure().getStack().lines().forEach(l -> io.out().println("    " + l));
    }
  }
}
