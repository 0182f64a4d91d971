package dev.troupe.worker.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class NativeHeapTest {

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final int KIB = 1024;
  private static final int MIB = 1024 * KIB;

  @Test
  void whatMallocKeepsFreeGoesBackToTheSystem() throws IOException {
    assumeThat(STATUS).as("Linux, where memory can be read").exists();
    assumeThat(NativeHeap.trim()).as("a JVM that can trim").isTrue();
    List<ByteBuffer> kept = new ArrayList<>();
    long before = bufferBytes();
    allocate(kept, 256 * MIB);
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              System.gc();
              assertThat(bufferBytes() - before).isLessThan(32 * MIB);
            });

    long untrimmed = residentBytes();
    NativeHeap.trim();

    assertThat(untrimmed - residentBytes()).isGreaterThan(128 * MIB);
    assertThat(kept).isNotEmpty();
  }

  /** Small buffers, of which one in sixteen is kept: malloc cannot shrink its heap by itself. */
  private static void allocate(List<ByteBuffer> kept, int bytes) {
    List<ByteBuffer> all = new ArrayList<>();
    for (int at = 0; at < bytes; at += 64 * KIB) {
      ByteBuffer buffer = ByteBuffer.allocateDirect(64 * KIB);
      all.add(buffer);
      if (all.size() % 16 == 0) {
        kept.add(buffer);
      }
    }
  }

  private static long bufferBytes() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }

  private static long residentBytes() throws IOException {
    for (String line : Files.readAllLines(STATUS)) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) * KIB;
      }
    }
    throw new IllegalStateException(STATUS + ": no VmRSS");
  }
}
