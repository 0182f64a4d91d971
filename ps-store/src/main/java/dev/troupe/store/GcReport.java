package dev.troupe.store;

/**
 * What {@link BlobStore#collect} did.
 *
 * @param kept blobs that are referenced or too young
 * @param removed blobs that were neither
 * @param bytesFreed the lengths of the removed ones, added up
 */
public record GcReport(long kept, long removed, long bytesFreed) {}
