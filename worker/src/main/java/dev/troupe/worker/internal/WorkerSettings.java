package dev.troupe.worker.internal;

import dev.troupe.cluster.HostPort;
import java.time.Duration;
import java.util.List;

/**
 * A worker's configuration ({@code troupe.worker} in reference.conf).
 *
 * @param workerId its stable name
 * @param host where ranks on other hosts reach it
 * @param hostId equal for workers that share memory
 * @param coordinators gateways' addresses
 * @param joinTimeout a rank whose predecessor has not ended by then gives its generation up
 * @param drainTimeout work still running by then is cut off
 * @param version Troupe's version
 */
public record WorkerSettings(
    String workerId,
    String host,
    String hostId,
    List<HostPort> coordinators,
    int slots,
    int driverSlots,
    Duration joinTimeout,
    Duration drainTimeout,
    String version) {}
