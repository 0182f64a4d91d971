package dev.troupe.cluster;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The keys of {@code troupe.coordinator}; what each means stands beside its default in {@code
 * reference.conf}.
 */
public record CoordinatorConfig(
    int grpcPort,
    Journal journal,
    Duration heartbeatEvery,
    Duration workerLostAfter,
    Duration abandonAfter,
    int maxOpenJobs,
    int maxEndedJobs,
    int taskAttempts,
    int driverAttempts,
    Duration retryBackoff,
    int fruitlessGenerations,
    long logBytesPerJob,
    int checkpointsKept) {

  /** Where jobs are journaled. */
  public sealed interface Journal {}

  /**
   * An H2 database on this machine.
   *
   * @param file without H2's suffix
   */
  public record H2(Path file) implements Journal {}

  /**
   * A PostgreSQL server.
   *
   * @param url as JDBC has it
   * @param passwordFile whose first line is the password
   */
  public record Postgres(String url, String user, Optional<Path> passwordFile) implements Journal {

    /**
     * Reads the password; empty if no file is set.
     *
     * @throws NodeException if the file cannot be read
     */
    public Optional<String> password() {
      return passwordFile.map(
          file ->
              SecurityConfig.firstLine("troupe.coordinator.journal.postgres.password-file", file));
    }
  }
}
