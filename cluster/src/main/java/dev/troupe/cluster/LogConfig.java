package dev.troupe.cluster;

import java.nio.file.Path;
import java.util.Optional;

/**
 * The keys of {@code troupe.log}.
 *
 * @param file absent if the node logs to standard error
 * @param bytes of the file before it is rolled over
 * @param files rolled over that are kept
 */
public record LogConfig(Optional<Path> file, long bytes, int files) {}
