package dev.troupe.cluster;

import java.nio.file.Path;
import java.time.Duration;

/**
 * The keys of {@code troupe.store}; see {@code reference.conf}.
 *
 * @param directory of the blobs and logs
 * @param collectAfter blobs that no job needs go when they were last put longer ago
 * @param collectEvery how often they are looked for
 */
public record StoreConfig(Path directory, Duration collectAfter, Duration collectEvery) {}
