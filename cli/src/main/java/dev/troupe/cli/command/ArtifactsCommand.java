package dev.troupe.cli.command;

import dev.troupe.cli.internal.CliException;
import dev.troupe.cli.internal.Client;
import dev.troupe.cli.internal.Download;
import dev.troupe.cli.internal.ExitCode;
import dev.troupe.cli.internal.Format;
import dev.troupe.cli.internal.Io;
import dev.troupe.cli.internal.OutputOptions;
import dev.troupe.cli.internal.OutputOptions.Form;
import dev.troupe.cli.internal.Table;
import dev.troupe.cli.internal.Views;
import dev.troupe.proto.v1.Artifact;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists what a job has left, or fetches one of it. */
@Command(name = "artifacts", description = "List what a job has left, or fetch one of it.")
public final class ArtifactsCommand extends ClientCommand {

  @Mixin private OutputOptions output;

  @Parameters(paramLabel = "JOB", description = "The job's id.")
  private String jobId;

  @Option(names = "--get", paramLabel = "NAME", description = "Fetch the artifact of this name.")
  private String get;

  @Option(
      names = {"-O", "--output-file"},
      paramLabel = "FILE",
      description =
          "Where --get writes: a file, a folder, or '-' for standard output; its own name if not"
              + " given.")
  private String file;

  public ArtifactsCommand(Io io) {
    super(io);
  }

  @Override
  int run(Client client) {
    if (file != null && get == null) {
      throw CliException.invalid("--output-file: only with --get");
    }
    if (get != null) {
      fetch(client, Download.find(client, jobId, get));
      return ExitCode.DONE;
    }
    List<Artifact> artifacts = Download.list(client, jobId);
    if (output.printStructured(io, artifacts.stream().map(Views::artifact).toList())) {
      return ExitCode.DONE;
    }
    if (output.form() == Form.name) {
      artifacts.forEach(a -> io.out().println(a.getName()));
      return ExitCode.DONE;
    }
    boolean wide = output.form() == Form.wide;
    Table table = new Table("NAME", "SIZE", "CREATED", "SHA-256");
    for (Artifact a : artifacts) {
      table.row(
          a.getName(),
          Format.bytes(a.getBytes()),
          Format.time(a.getCreated(), a.hasCreated(), ZoneId.systemDefault()),
          wide ? a.getSha256() : Format.cut(a.getSha256(), 13));
    }
    table.print(io);
    if (artifacts.isEmpty()) {
      io.message("Job " + jobId + " has left nothing.");
    }
    return ExitCode.DONE;
  }

  private void fetch(Client client, Artifact artifact) {
    if ("-".equals(file)) {
      try {
        Download.toStream(client, jobId, artifact, io.out());
      } catch (IOException e) {
        throw new UncheckedIOException("cannot write to standard output", e);
      }
      return;
    }
    String ownName = artifact.getName().substring(artifact.getName().lastIndexOf('/') + 1);
    Path path = io.directory().resolve(file == null ? ownName : file).normalize();
    if (file != null && Files.isDirectory(path)) {
      path = path.resolve(ownName);
    }
    Download.toFile(client, jobId, artifact, path);
    io.out().println(path);
  }
}
