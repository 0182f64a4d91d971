package dev.troupe.collective.internal;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What Java 17 offers for direct buffers only through {@code sun.misc.Unsafe}: their address, to
 * recognise memory of an arena whatever view of it a caller holds, and their release at a known
 * moment, where waiting for the collector would keep gigabytes of shared memory alive.
 */
public final class Memory {
  private static final MethodHandle INVOKE_CLEANER;
  private static final MethodHandle GET_LONG;
  private static final long ADDRESS_OFFSET;

  static {
    try {
      Class<?> type = Class.forName("sun.misc.Unsafe");
      Field singleton = type.getDeclaredField("theUnsafe");
      singleton.setAccessible(true);
      Object unsafe = singleton.get(null);
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      INVOKE_CLEANER =
          lookup
              .findVirtual(
                  type, "invokeCleaner", MethodType.methodType(void.class, ByteBuffer.class))
              .bindTo(unsafe);
      GET_LONG =
          lookup
              .findVirtual(
                  type, "getLong", MethodType.methodType(long.class, Object.class, long.class))
              .bindTo(unsafe);
      ADDRESS_OFFSET =
          (long)
              type.getMethod("objectFieldOffset", Field.class)
                  .invoke(unsafe, Buffer.class.getDeclaredField("address"));
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private Memory() {}

  /** The address of the buffer's position. */
  static long address(ByteBuffer direct) {
    try {
      return (long) GET_LONG.invoke((Object) direct, ADDRESS_OFFSET) + direct.position();
    } catch (Throwable e) {
      throw new IllegalStateException("the address of a direct buffer cannot be read", e);
    }
  }

  /** Frees or unmaps now. The buffer and all views of it must not be touched again. */
  static void release(ByteBuffer original) {
    try {
      INVOKE_CLEANER.invoke(original);
    } catch (Throwable e) {
      throw new IllegalStateException("a direct buffer cannot be released", e);
    }
  }

  /** New zeroed direct memory in native order; release what {@link #release} accepts: this. */
  static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  /** A view of a range, in native order. */
  static ByteBuffer slice(ByteBuffer buffer, int offset, int bytes) {
    return buffer.slice(offset, bytes).order(ByteOrder.nativeOrder());
  }

  /** Copies a whole buffer over another of the same length; neither moves. */
  static void copy(ByteBuffer from, ByteBuffer to) {
    to.put(to.position(), from, from.position(), from.remaining());
  }
}
