package dev.troupe.tensor.internal;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/** fp32 from and to the stored types F32, F16 and BF16, rounding to nearest even. */
public final class FloatCodec {

  private FloatCodec() {}

  /** Whether a dtype of safetensors is one of these. */
  public static boolean known(String dtype) {
    return dtype.equals("F32") || dtype.equals("F16") || dtype.equals("BF16");
  }

  /** Decodes all of {@code source}, whose order is set, into {@code target}. */
  public static void decode(String dtype, ByteBuffer source, FloatBuffer target) {
    switch (dtype) {
      case "F32" -> target.put(source.asFloatBuffer());
      case "F16" -> {
        while (source.hasRemaining()) {
          target.put(halfToFloat(source.getShort()));
        }
      }
      default -> {
        while (source.hasRemaining()) {
          target.put(Float.intBitsToFloat(source.getShort() << 16));
        }
      }
    }
  }

  /** Encodes all of {@code source} into {@code target}, whose order is set. */
  public static void encode(String dtype, FloatBuffer source, ByteBuffer target) {
    switch (dtype) {
      case "F32" -> {
        int bytes = source.remaining() * Float.BYTES;
        target.asFloatBuffer().put(source);
        target.position(target.position() + bytes);
      }
      case "F16" -> {
        while (source.hasRemaining()) {
          target.putShort(floatToHalf(source.get()));
        }
      }
      default -> {
        while (source.hasRemaining()) {
          target.putShort(floatToBfloat(source.get()));
        }
      }
    }
  }

  /** IEEE 754 binary16 to binary32; exact. */
  static float halfToFloat(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = (half >>> 10) & 0x1f;
    int mantissa = half & 0x3ff;
    if (exponent == 0x1f) {
      return Float.intBitsToFloat(sign | 0x7f800000 | mantissa << 13);
    }
    if (exponent == 0) { // zero or subnormal: mantissa * 2^-24
      float magnitude = mantissa * 0x1p-24f;
      return sign == 0 ? magnitude : -magnitude;
    }
    return Float.intBitsToFloat(sign | (exponent + 112) << 23 | mantissa << 13);
  }

  static short floatToHalf(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = bits >>> 16 & 0x8000;
    int magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) {
      return (short) (sign | 0x7e00); // NaN
    }
    if (magnitude >= 0x477ff000) { // rounds beyond 65504
      return (short) (sign | 0x7c00);
    }
    if (magnitude < 0x38800000) { // below 2^-14: subnormal, in units of 2^-24
      return (short) (sign | (int) StrictMath.rint(Float.intBitsToFloat(magnitude) * 0x1p24));
    }
    return (short) (sign | roundToEven(magnitude - (112 << 23), 13));
  }

  static short floatToBfloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    if ((bits & 0x7fffffff) > 0x7f800000) {
      return (short) (bits >>> 16 | 0x40); // NaN stays one
    }
    return (short) roundToEven(bits, 16);
  }

  private static int roundToEven(int bits, int dropped) {
    int odd = bits >>> dropped & 1;
    return (bits + (1 << (dropped - 1)) - 1 + odd) >>> dropped;
  }
}
