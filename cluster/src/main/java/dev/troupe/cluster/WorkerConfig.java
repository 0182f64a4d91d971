package dev.troupe.cluster;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The keys of {@code troupe.worker}; what each means stands beside its default in {@code
 * reference.conf}.
 *
 * @param id never empty: derived from host and process if not set
 */
public record WorkerConfig(
    String id,
    int slots,
    int driverSlots,
    int dataPort,
    Optional<Path> workloads,
    int cacheEntries,
    Duration stallTimeout,
    Duration joinTimeout,
    Duration drainTimeout,
    int logBufferLines) {}
