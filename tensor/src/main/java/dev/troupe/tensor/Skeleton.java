package dev.troupe.tensor;

/** Signatures first: this is removed with the first implementation. */
final class Skeleton {
  private Skeleton() {}

  @SuppressWarnings({"TypeParameterUnusedInFormals", "DoNotCallSuggester", "unused"}) // gone soon
  static <T> T missing() {
    throw new UnsupportedOperationException("not written yet");
  }
}
