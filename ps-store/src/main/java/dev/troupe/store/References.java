package dev.troupe.store;

import java.time.Instant;
import java.util.Set;

/**
 * What jobs need of a store, as one reading of the journal tells.
 *
 * @param named every hash that a job's records mention
 * @param superseded manifests of checkpoints that no job will read any more; unless also {@code
 *     named}
 * @param openSince when the oldest job that has not ended was accepted; now if there is none. What
 *     it holds in memory is not in the journal yet
 */
public record References(Set<String> named, Set<String> superseded, Instant openSince) {}
