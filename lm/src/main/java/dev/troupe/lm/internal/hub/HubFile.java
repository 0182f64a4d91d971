package dev.troupe.lm.internal.hub;

/**
 * A file of a repository.
 *
 * @param name without folders
 * @param size bytes
 */
record HubFile(String name, long size, FileHash hash) {}
