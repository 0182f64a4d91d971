package dev.troupe.collective.bench;

import dev.troupe.collective.CollectiveConfig;
import dev.troupe.collective.Collectives;
import dev.troupe.collective.HostId;
import dev.troupe.collective.Membership;
import dev.troupe.collective.Peer;
import dev.troupe.collective.Transport;
import dev.troupe.core.Communicator;
import dev.troupe.core.DType;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * One rank of {@link AllReduceBench}: prints its port, reads all ports, and prints the median
 * seconds of an all-reduce if it is rank 0. Arguments: rank, ranks, bytes, iterations, transport.
 */
public final class BenchRank {
  private BenchRank() {}

  public static void main(String[] args) throws IOException {
    int rank = Integer.parseInt(args[0]);
    int bytes = Integer.parseInt(args[2]);
    int iterations = Integer.parseInt(args[3]);
    int chunk = Integer.getInteger("chunk", CollectiveConfig.defaults().chunkBytes());
    CollectiveConfig config =
        CollectiveConfig.defaults().withTransport(Transport.valueOf(args[4])).withChunkBytes(chunk);
    try (Collectives collectives = Collectives.open(config)) {
      System.out.println(collectives.port());
      try (Communicator c = collectives.join(new Membership("bench", 1, rank, peers()))) {
        double seconds = measure(c, c.allocate(bytes), iterations);
        if (rank == 0) {
          System.out.println(seconds);
        }
      }
    }
  }

  private static List<Peer> peers() throws IOException {
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    List<Peer> peers = new ArrayList<>();
    for (String port : in.readLine().split(" ", -1)) {
      peers.add(new Peer("rank", "127.0.0.1", Integer.parseInt(port), HostId.local()));
    }
    return peers;
  }

  private static double measure(Communicator c, ByteBuffer data, int iterations) {
    for (int i = 0; i < Math.max(3, iterations / 4); i++) {
      c.allReduce(data, DType.F32); // warms the JIT and the page tables
    }
    double[] seconds = new double[iterations];
    for (int i = 0; i < iterations; i++) {
      c.barrier();
      long start = System.nanoTime();
      c.allReduce(data, DType.F32);
      seconds[i] = (System.nanoTime() - start) / 1e9;
    }
    return AllReduceBench.median(seconds);
  }
}
