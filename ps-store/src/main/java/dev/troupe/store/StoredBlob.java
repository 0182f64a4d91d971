package dev.troupe.store;

import java.time.Instant;

/**
 * A blob as the storage lists it.
 *
 * @param sha256 its name
 * @param bytes its length
 * @param since when it was last put; of a blob in the trash, when it got there
 */
public record StoredBlob(String sha256, long bytes, Instant since) {}
