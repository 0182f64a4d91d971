package dev.troupe.collective;

/** How ranks of one host reach each other. Ranks of different hosts always use TCP. */
public enum Transport {
  /** Shared memory where {@link Peer#hostId} is equal, TCP elsewhere. */
  AUTO,
  /** TCP everywhere, as if each rank had a host of its own. */
  TCP
}
