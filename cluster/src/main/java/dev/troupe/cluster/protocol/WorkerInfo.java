package dev.troupe.cluster.protocol;

import java.util.List;

/**
 * What a worker says of itself.
 *
 * @param workerId its name, stable over restarts, as in {@code worker-1}
 * @param incarnation made anew by each process start and after each fencing; what belongs to an
 *     older one is void
 * @param host where ranks on other hosts reach its data port
 * @param hostId equal for workers that share {@code /dev/shm}
 * @param dataPort the port of its collectives
 * @param slots tasks and ranks that it runs at a time
 * @param driverSlots drivers that it runs at a time, beside its slots
 * @param pid its process
 * @param version Troupe's version
 * @param workloads what it can run
 */
public record WorkerInfo(
    String workerId,
    String incarnation,
    String host,
    String hostId,
    int dataPort,
    int slots,
    int driverSlots,
    long pid,
    String version,
    List<WorkloadInfo> workloads) {

  /** What a worker proves with its token when it registers. */
  public String identity() {
    return "worker " + workerId + " " + incarnation;
  }

  /**
   * A workload on that worker's class path.
   *
   * @param optionsSchema JSON Schema of its options
   */
  public record WorkloadInfo(String name, String summary, String optionsSchema) {}
}
