package dev.troupe.core;

/** Element types that collectives can add. */
public enum DType {
  /** IEEE 754 single precision, 4 bytes. */
  F32(4),
  /** The upper half of an F32, 2 bytes. Sums are taken in F32 and rounded once, to nearest even. */
  BF16(2);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes an element. */
  public int bytes() {
    return bytes;
  }
}
