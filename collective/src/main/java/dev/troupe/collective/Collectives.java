package dev.troupe.collective;

import dev.troupe.collective.internal.Listener;
import dev.troupe.core.Communicator;
import dev.troupe.core.GenerationEndedException;
import java.io.IOException;

/**
 * A worker process's part in collectives: listens on the data port and makes a {@link Communicator}
 * for each gang that the worker is a rank of. Several ranks may live in one process.
 */
public final class Collectives implements AutoCloseable {
  private final Listener listener;

  private Collectives(Listener listener) {
    this.listener = listener;
  }

  /**
   * Binds the data port.
   *
   * @throws IOException if the port is taken or the address is none of this machine
   * @throws IllegalArgumentException if the address is not loopback and there is no secret
   */
  public static Collectives open(CollectiveConfig config) throws IOException {
    return new Collectives(new Listener(config));
  }

  /** The data port, for {@link Peer#dataPort}. */
  public int port() {
    return listener.port();
  }

  /**
   * Joins a generation of a gang; returns when all ranks are connected. Ends all older generations
   * of that gang in this process.
   *
   * @throws GenerationEndedException if the generation is over before it began: ranks are missing
   *     after {@code joinTimeout} (the message names them), one was lost, {@link #end} was called,
   *     or the thread was interrupted
   * @throws IllegalStateException if a rank refuses this one because settings or secrets differ, or
   *     if shared memory is too small
   */
  public Communicator join(Membership membership) {
    return listener.join(membership);
  }

  /**
   * Ends all generations of a gang up to {@code generation} in this process: joins under way and
   * communicators throw {@link GenerationEndedException} with this reason, and ranks that try to
   * connect for them later are refused.
   */
  public void end(String gang, long generation, String reason) {
    listener.end(gang, generation, reason);
  }

  /** Ends all generations of all gangs and closes the port. */
  @Override
  public void close() {
    listener.close();
  }
}
