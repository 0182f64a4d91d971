package dev.troupe.cli.command;

import dev.troupe.cli.internal.CliException;
import dev.troupe.cli.internal.Client;
import dev.troupe.cli.internal.Durations;
import dev.troupe.cli.internal.ExitCode;
import dev.troupe.cli.internal.Io;
import dev.troupe.cli.internal.Reconnect;
import dev.troupe.proto.v1.LogChunk;
import dev.troupe.proto.v1.ReadLogsRequest;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Iterator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints what a job has written. */
@Command(name = "logs", description = "Print what a job has written; Ctrl-C only leaves.")
public final class LogsCommand extends ClientCommand {

  @Parameters(paramLabel = "JOB", description = "The job's id.")
  private String jobId;

  @Option(
      names = {"-f", "--follow"},
      description = "Go on with what is being written, until the job ends.")
  private boolean follow;

  @Option(
      names = "--tail",
      paramLabel = "N",
      description = "Begin with the last N lines; with all if not given.")
  private Integer tail;

  @Option(
      names = "--reconnect",
      paramLabel = "TIME",
      defaultValue = "5m",
      converter = Durations.class,
      description = "How long the coordinator may be away (default: ${DEFAULT-VALUE}).")
  private Duration reconnect;

  public LogsCommand(Io io) {
    super(io);
  }

  @Override
  int run(Client client) {
    if (tail != null && tail < 1) {
      throw CliException.invalid("--tail: " + tail + " (expected: > 0)");
    }
    Reconnect patience = new Reconnect(client, io, reconnect);
    ReadLogsRequest.Builder request =
        ReadLogsRequest.newBuilder()
            .setJobId(jobId)
            .setFollow(follow)
            .setTailLines(tail == null ? 0 : tail);
    boolean answered = false;
    while (true) {
      try {
        Iterator<LogChunk> chunks = client.jobStreams().readLogs(request.build());
        while (chunks.hasNext()) {
          LogChunk chunk = chunks.next();
          answered = true;
          patience.answered();
          write(chunk);
          request.setOffset(chunk.getNextOffset()).setTailLines(0);
        }
        return ExitCode.DONE;
      } catch (StatusRuntimeException e) {
        if (!answered) {
          throw e;
        }
        patience.failed(e);
      }
    }
  }

  private void write(LogChunk chunk) {
    try {
      chunk.getData().writeTo(io.out());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write to standard output", e);
    }
    io.out().flush();
  }
}
