package dev.troupe.collective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ranks as processes: sums, and what the others see when one is killed or stopped. */
class CollectiveProcessesIT {
  private static final int MIB = 1 << 20;

  @ParameterizedTest
  @CsvSource({"4, AUTO", "2, TCP"})
  void sumAndEnd(int size, Transport transport) {
    try (var ranks = RankProcesses.local(size, 2 * MIB, 20, transport, 20_000)) {
      for (int rank = 0; rank < size; rank++) {
        assertThat(ranks.line(rank)).isEqualTo("running");
        assertThat(ranks.line(rank)).isEqualTo("done");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"4, 3, AUTO", "2, 0, TCP"})
  void aKilledRankEndsTheOthersAtOnce(int size, int victim, Transport transport) {
    try (var ranks = RankProcesses.local(size, 4 * MIB, 0, transport, 20_000)) {
      for (int rank = 0; rank < size; rank++) {
        assertThat(ranks.line(rank)).isEqualTo("running");
      }
      long start = System.nanoTime();
      ranks.signal(victim, "KILL");
      for (int rank = 0; rank < size; rank++) {
        if (rank != victim) {
          assertThat(ranks.line(rank))
              .startsWith("ended " + victim)
              .contains("rank " + victim + " (worker-" + victim + ") is gone: connection closed")
              .contains("all-reduce #");
        }
      }
      assertThat((System.nanoTime() - start) / 1e9).isLessThan(5); // the time-out is 20 s
    }
  }

  @ParameterizedTest
  @CsvSource({"2, 1, AUTO", "4, 2, TCP"})
  void aStoppedRankIsNamedAsLate(int size, int victim, Transport transport) {
    try (var ranks = RankProcesses.local(size, 4 * MIB, 0, transport, 1000)) {
      for (int rank = 0; rank < size; rank++) {
        assertThat(ranks.line(rank)).isEqualTo("running");
      }
      long start = System.nanoTime();
      ranks.signal(victim, "STOP");
      for (int rank = 0; rank < size; rank++) {
        if (rank != victim) {
          assertThat(ranks.line(rank))
              .startsWith("ended " + victim)
              .contains("rank " + victim + " (worker-" + victim + ") is late: no sign of life in")
              .contains("all-reduce #");
        }
      }
      assertThat((System.nanoTime() - start) / 1e9).isBetween(0.9, 5.0);
      ranks.signal(victim, "CONT");
      assertThat(ranks.line(victim)).startsWith("ended " + victim);
    }
  }

  @Test
  void ranksInTwoNetworkNamespacesMeetOverTcp() throws Exception {
    String a = "troupe-a-" + ProcessHandle.current().pid();
    String b = "troupe-b-" + ProcessHandle.current().pid();
    assumeTrue(Shell.run("ip", "netns", "add", a), "skipped: needs root and 'ip netns'");
    try {
      assumeTrue(Shell.run("ip", "netns", "add", b), "skipped: a second namespace is refused");
      assumeTrue(link(a, b), "skipped: no virtual network between namespaces");
      List<List<String>> prefixes =
          List.of(List.of("ip", "netns", "exec", a), List.of("ip", "netns", "exec", b));
      List<String> hosts = List.of("10.201.7.1", "10.201.7.2");
      for (Transport transport : Transport.values()) {
        try (var ranks = new RankProcesses(prefixes, hosts, MIB, 20, transport, 20_000)) {
          for (int rank = 0; rank < 2; rank++) {
            assertThat(ranks.line(rank)).isEqualTo("running");
            assertThat(ranks.line(rank)).isEqualTo("done");
          }
        }
      }
    } finally {
      Shell.run("ip", "netns", "del", a);
      Shell.run("ip", "netns", "del", b);
    }
  }

  /** A cable between two namespaces. */
  private static boolean link(String a, String b) throws Exception {
    String[][] commands = {
      {"ip", "-n", a, "link", "add", "va", "type", "veth", "peer", "name", "vb", "netns", b},
      {"ip", "-n", a, "addr", "add", "10.201.7.1/24", "dev", "va"},
      {"ip", "-n", b, "addr", "add", "10.201.7.2/24", "dev", "vb"},
      {"ip", "-n", a, "link", "set", "va", "up"},
      {"ip", "-n", b, "link", "set", "vb", "up"}
    };
    for (String[] command : commands) {
      if (!Shell.run(command)) {
        return false;
      }
    }
    return true;
  }
}
