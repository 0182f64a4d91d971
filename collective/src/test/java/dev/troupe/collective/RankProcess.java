package dev.troupe.collective;

import dev.troupe.core.Communicator;
import dev.troupe.core.DType;
import dev.troupe.core.GenerationEndedException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A rank in a process of its own, for tests. Prints its data port, reads a line of all {@code
 * host:port}s, then sums until the generation ends and prints how it did.
 *
 * <p>Arguments: rank, bytes, operations (0: without end), transport, stall time-out in ms, address.
 */
public final class RankProcess {
  private RankProcess() {}

  public static void main(String[] args) throws IOException {
    int rank = Integer.parseInt(args[0]);
    int bytes = Integer.parseInt(args[1]);
    long operations = Long.parseLong(args[2]);
    CollectiveConfig config =
        CollectiveConfig.defaults()
            .withTransport(Transport.valueOf(args[3]))
            .withTimeouts(Duration.ofSeconds(30), Duration.ofMillis(Long.parseLong(args[4])))
            .withSecret("of the test")
            .withBind(args[5], 0);
    try (Collectives collectives = Collectives.open(config)) {
      System.out.println("port " + collectives.port());
      List<Peer> peers = peers();
      try (Communicator c = collectives.join(new Membership("processes", 1, rank, peers))) {
        sum(c, bytes, operations == 0 ? Long.MAX_VALUE : operations);
        System.out.println("done");
      }
    } catch (GenerationEndedException e) {
      System.out.println("ended " + e.suspect() + " " + e.getMessage());
    }
  }

  private static List<Peer> peers() throws IOException {
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    List<Peer> peers = new ArrayList<>();
    for (String address : in.readLine().split(" ", -1)) {
      String[] parts = address.split(":", -1);
      int port = Integer.parseInt(parts[1]);
      peers.add(new Peer("worker-" + peers.size(), parts[0], port, HostId.local()));
    }
    return peers;
  }

  private static void sum(Communicator c, int bytes, long operations) {
    ByteBuffer data = c.allocate(bytes);
    for (long i = 0; i < operations; i++) {
      data.putFloat(0, c.rank() + 1);
      data.putFloat(bytes - 4, c.rank() + (int) (i % 1000));
      c.allReduce(data, DType.F32);
      float first = c.size() * (c.size() + 1) / 2f;
      float last = c.size() * (c.size() - 1) / 2f + c.size() * (int) (i % 1000);
      if (data.getFloat(0) != first || data.getFloat(bytes - 4) != last) {
        throw new IllegalStateException("wrong sum in operation " + i);
      }
      if (i == 2) {
        System.out.println("running");
      }
    }
  }
}
