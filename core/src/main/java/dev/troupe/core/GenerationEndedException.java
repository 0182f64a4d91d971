package dev.troupe.core;

/**
 * The gang's membership changed, so this generation is over. Thrown by collectives and by {@link
 * GangContext#endStep}; a member lets it pass and is called again in the next generation.
 */
public final class GenerationEndedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** {@link #suspect} when no rank is suspected. */
  public static final int NO_SUSPECT = -1;

  private final long generation;
  private final int suspect;

  public GenerationEndedException(long generation, String reason) {
    this(generation, NO_SUSPECT, reason, null);
  }

  /**
   * @param suspect the rank that seems gone or late, or {@link #NO_SUSPECT}
   */
  public GenerationEndedException(long generation, int suspect, String reason, Throwable cause) {
    super(reason, cause);
    this.generation = generation;
    this.suspect = suspect;
  }

  public long generation() {
    return generation;
  }

  /** The rank that seems gone or late, or {@link #NO_SUSPECT}. */
  public int suspect() {
    return suspect;
  }
}
