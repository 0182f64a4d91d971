package dev.troupe.coordinator.internal;

import com.google.protobuf.Timestamp;

/** Between milliseconds since 1970 and protobuf's timestamps. */
final class Times {

  private Times() {}

  static Timestamp fromMillis(long millis) {
    return Timestamp.newBuilder()
        .setSeconds(Math.floorDiv(millis, 1000L))
        .setNanos(Math.floorMod(millis, 1000) * 1_000_000)
        .build();
  }

  static long toMillis(Timestamp time) {
    return time.getSeconds() * 1000 + time.getNanos() / 1_000_000;
  }
}
