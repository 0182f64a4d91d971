package dev.troupe.cluster;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The keys of {@code troupe.worker}; what each means stands beside its default in {@code
 * reference.conf}.
 *
 * @param id never empty: derived from host and process if not set
 * @param transport {@code auto} or {@code tcp}
 */
public record WorkerConfig(
    String id,
    int slots,
    int driverSlots,
    int dataPort,
    String transport,
    Path sharedMemory,
    Optional<Path> workloads,
    int cacheEntries,
    Duration stallTimeout,
    Duration joinTimeout,
    Duration drainTimeout,
    int logBufferLines) {}
