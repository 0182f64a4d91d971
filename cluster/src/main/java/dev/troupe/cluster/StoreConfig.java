package dev.troupe.cluster;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The keys of {@code troupe.store}; see {@code reference.conf}.
 *
 * @param directory of the blobs and logs, shared by all nodes; with {@code s3} of this node's
 *     copies
 * @param s3 absent if the directory is the store
 * @param cacheBytes of copies at the most
 * @param collectAfter blobs that no job needs go when they were last put longer ago
 * @param collectEvery how often they are looked for
 */
public record StoreConfig(
    Path directory,
    Optional<S3Config> s3,
    long cacheBytes,
    Duration collectAfter,
    Duration collectEvery) {}
