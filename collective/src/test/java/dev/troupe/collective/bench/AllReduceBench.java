package dev.troupe.collective.bench;

import dev.troupe.collective.CollectiveConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;

/**
 * All-reduce of fp32 buffers among processes: through shared memory, through loopback TCP, and with
 * {@code torch.distributed} over Gloo if a Python that has it is given. The three are interleaved,
 * round by round, so that a ratio compares runs of the same minute. {@code bench/collective/run.sh}
 * starts it.
 *
 * <p>System properties: {@code sizes} (MiB), {@code ranks}, {@code rounds}, {@code python}, {@code
 * peer} (the Gloo script), {@code chunk} (bytes).
 *
 * <p>The bound for shared memory in place is {@code 2 n S / B}: n ranks' buffers of S bytes are
 * each read once and written once, at the copy bandwidth B of this machine (bytes read plus bytes
 * written), measured first.
 */
public final class AllReduceBench {
  private static final int MIB = 1 << 20;

  private AllReduceBench() {}

  public static void main(String[] args) throws Exception {
    int[] sizes = numbers("sizes", "1,25,100,400");
    int[] ranks = numbers("ranks", "2,4");
    int rounds = Integer.getInteger("rounds", 3);
    String python = System.getProperty("python", "");
    double bandwidth = copyBandwidth(2, 256 * MIB);
    System.out.printf("copy bandwidth with 2 threads: %.1f GB/s%n%n", bandwidth / 1e9);
    System.out.println(
        "| ranks | MiB | shm ms | bound ms | shm/bound | shm busbw GB/s | TCP ms | Gloo ms |"
            + " Gloo/shm | Gloo/TCP |");
    System.out.println("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for (int n : ranks) {
      for (int size : sizes) {
        row(n, size, rounds, python, bandwidth);
      }
    }
  }

  private static int[] numbers(String property, String otherwise) {
    String[] words = System.getProperty(property, otherwise).split(",", -1);
    return Arrays.stream(words).mapToInt(Integer::parseInt).toArray();
  }

  private static void row(int n, int size, int rounds, String python, double bandwidth)
      throws Exception {
    double[] shm = new double[rounds];
    double[] tcp = new double[rounds];
    double[] gloo = new double[rounds];
    for (int round = 0; round < rounds; round++) {
      shm[round] = run(n, (rank, port) -> ours(rank, n, size, "AUTO"), true);
      tcp[round] = run(n, (rank, port) -> ours(rank, n, size, "TCP"), true);
      if (!python.isEmpty()) {
        gloo[round] = run(n, (rank, port) -> gloo(python, rank, n, size, port), false);
      }
    }
    double bound = 2.0 * n * size * MIB / bandwidth;
    double s = median(shm);
    double t = median(tcp);
    double g = median(gloo);
    System.out.printf(
        Locale.ROOT,
        "| %d | %d | %.2f | %.2f | %.2f | %.2f | %.2f | %.2f | %.2f | %.2f |%n",
        n,
        size,
        s * 1e3,
        bound * 1e3,
        s / bound,
        (double) size * MIB / s * 2 * (n - 1) / n / 1e9,
        t * 1e3,
        g * 1e3,
        g / s,
        g / t);
  }

  private static int iterations(int mebibytes) {
    return Math.max(4, Math.min(200, 1000 / mebibytes));
  }

  private static List<String> ours(int rank, int n, int size, String transport) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx256m",
        "-XX:MaxDirectMemorySize=1g",
        "-XX:+UseSerialGC",
        "-Dslf4j.internal.verbosity=ERROR",
        "-Dchunk=" + Integer.getInteger("chunk", CollectiveConfig.defaults().chunkBytes()),
        "-cp",
        System.getProperty("java.class.path"),
        BenchRank.class.getName(),
        String.valueOf(rank),
        String.valueOf(n),
        String.valueOf((long) size * MIB),
        String.valueOf(iterations(size)),
        transport);
  }

  private static List<String> gloo(String python, int rank, int n, int size, int port) {
    return List.of(
        python,
        System.getProperty("peer"),
        String.valueOf(rank),
        String.valueOf(n),
        String.valueOf((long) size * MIB),
        String.valueOf(iterations(size)),
        String.valueOf(port));
  }

  /** Runs one gang of processes; the seconds that rank 0 prints. */
  private static double run(
      int n, BiFunction<Integer, Integer, List<String>> command, boolean exchangePorts)
      throws IOException, InterruptedException {
    int port = freePort();
    List<Process> processes = new ArrayList<>();
    try {
      List<BufferedReader> outputs = new ArrayList<>();
      for (int rank = 0; rank < n; rank++) {
        var builder = new ProcessBuilder(command.apply(rank, port));
        processes.add(builder.redirectError(ProcessBuilder.Redirect.INHERIT).start());
        outputs.add(processes.get(rank).inputReader(StandardCharsets.UTF_8));
      }
      if (exchangePorts) {
        List<String> ports = new ArrayList<>();
        for (BufferedReader output : outputs) {
          ports.add(output.readLine());
        }
        for (Process process : processes) {
          try (var in = process.outputWriter(StandardCharsets.UTF_8)) {
            in.write(String.join(" ", ports) + "\n");
          }
        }
      }
      String seconds = outputs.get(0).readLine();
      for (Process process : processes) {
        process.waitFor();
      }
      if (seconds == null) {
        throw new IOException("rank 0 printed nothing: " + command.apply(0, port));
      }
      return Double.parseDouble(seconds);
    } finally {
      processes.forEach(Process::destroyForcibly);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /** Bytes read plus bytes written a second, by copies from one large buffer to another. */
  private static double copyBandwidth(int threads, int bytes) throws InterruptedException {
    List<ByteBuffer> from = new ArrayList<>();
    List<ByteBuffer> to = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      from.add(ByteBuffer.allocateDirect(bytes));
      to.add(ByteBuffer.allocateDirect(bytes));
    }
    double best = 0;
    for (int repeat = 0; repeat < 5; repeat++) {
      long start = System.nanoTime();
      List<Thread> running = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        int number = i;
        Thread thread = new Thread(() -> to.get(number).put(0, from.get(number), 0, bytes));
        thread.start();
        running.add(thread);
      }
      for (Thread thread : running) {
        thread.join();
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      best = Math.max(best, 2.0 * threads * bytes / seconds);
    }
    return best;
  }
}
