package dev.troupe.store;

/**
 * What {@link BlobStore#collect} did.
 *
 * @param kept blobs that stay where they are
 * @param trashed blobs that went to the trash
 * @param restored blobs that came back from it, since somebody names them
 * @param removed blobs that left the trash for good
 * @param bytesFreed the lengths of the removed ones, added up
 * @param more whether there was more to do than one round does
 */
public record GcReport(
    long kept, long trashed, long restored, long removed, long bytesFreed, boolean more) {}
