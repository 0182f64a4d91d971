package dev.troupe.cluster.protocol;

/** Sizes that keep every message within an Artery frame (256 KiB). */
public final class Limits {

  /** A batch is sent when its payload would grow beyond this. */
  public static final int MAX_MESSAGE_BYTES = 128 * 1024;

  /** A task's input or result beyond this goes through the blob store. */
  public static final int MAX_INLINE_BYTES = 32 * 1024;

  /** Items in a batch at the most. */
  public static final int MAX_BATCH = 512;

  /** Characters of an error's stack that are kept. */
  public static final int MAX_STACK_CHARS = 16 * 1024;

  private Limits() {}
}
