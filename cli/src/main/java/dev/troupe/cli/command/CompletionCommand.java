package dev.troupe.cli.command;

import dev.troupe.cli.TroupeCli;
import dev.troupe.cli.internal.ExitCode;
import dev.troupe.cli.internal.Io;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Prints a completion script. */
@Command(
    name = "completion",
    description = {
      "Print a completion script.",
      "bash: source <(troupe completion bash)",
      "zsh:  source <(troupe completion zsh)"
    })
public final class CompletionCommand implements Callable<Integer> {

  /** The shells. */
  enum Shell {
    bash,
    zsh
  }

  @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}")
  private Shell shell;

  private final Io io;

  public CompletionCommand(Io io) {
    this.io = io;
  }

  @Override
  public Integer call() {
    if (shell == Shell.zsh) {
      io.out().println("autoload -Uz compinit && compinit -u");
    }
    io.out().print(AutoComplete.bash("troupe", TroupeCli.commandLine(io)));
    return ExitCode.DONE;
  }
}
