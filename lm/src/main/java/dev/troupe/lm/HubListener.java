package dev.troupe.lm;

/** Hears how a download goes; called on the thread that downloads. */
@FunctionalInterface
public interface HubListener {

  /** A line for a log. */
  void say(String line);

  /**
   * Called often while bytes come in.
   *
   * @param bytes of the model that are here, over all its files
   * @param total bytes of all its files
   */
  default void downloaded(long bytes, long total) {}
}
