package dev.troupe.cluster.protocol;

/** Marks what travels between nodes; bound to Jackson CBOR in {@code reference.conf}. */
public interface CborMessage {}
