/**
 * All-reduce and its kin among the ranks of a gang, over shared memory on one host and TCP between
 * hosts. {@link dev.troupe.collective.Collectives} is the way in; what it makes is a {@link
 * dev.troupe.core.Communicator}.
 *
 * <p>How it works: each rank owns one slice of a buffer. Whoever owns a slice adds the parts of all
 * ranks in the canonical order of {@link dev.troupe.core.SumTree} and hands the sum to all (a
 * direct reduce-scatter, then an all-gather), which moves {@code (n-1)/n} of the buffer per rank
 * and phase, as a ring does, but leaves the order of the additions to the owner. Ranks of one host
 * read each other's parts in place; between hosts, one rank a host speaks for all of them.
 */
package dev.troupe.collective;
