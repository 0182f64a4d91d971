package dev.troupe.cli.command;

import dev.troupe.cli.internal.CliException;
import dev.troupe.cli.internal.Client;
import dev.troupe.cli.internal.ConnectOptions;
import dev.troupe.cli.internal.Errors;
import dev.troupe.cli.internal.ExitCode;
import dev.troupe.cli.internal.Io;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;

/** A command that talks to a cluster: connects, and turns failed calls into messages. */
abstract class ClientCommand implements Callable<Integer> {

  @Mixin ConnectOptions connect;

  final Io io;

  ClientCommand(Io io) {
    this.io = io;
  }

  /** Does the work; returns one of {@link ExitCode}. */
  abstract int run(Client client);

  @Override
  public Integer call() {
    try (Client client = connect.client(io)) {
      return explained(client, () -> run(client));
    }
  }

  /** Runs {@code work}; a call that fails ends it with a message for the user. */
  static int explained(Client client, Callable<Integer> work) {
    try {
      return work.call();
    } catch (StatusRuntimeException e) {
      throw new CliException(Errors.exitCode(e), Errors.message(e, client.address()), e);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
