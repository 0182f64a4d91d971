package dev.troupe.collective.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Carries out {@link Round}s over the connections to ranks of other hosts, on the caller's thread:
 * sends and receives whatever is ready, adds chunks as soon as all their summands are there, sends
 * the sums on. Buffers go to and from the socket without a copy.
 *
 * <p>Half of the lanes to a peer carry parts, half carry sums. In each lane chunks come in order
 * and every frame says which it is; one that is too early (the next operation, the next round,
 * beyond the window of chunks being added) stays in the socket until it is its turn. Parts never
 * wait behind sums nor sums behind parts, so the earliest missing chunk always can come: no
 * deadlock.
 *
 * <p>A frame's header: operation (8 bytes), signature, chunk, node, length (4 bytes each).
 */
final class Exchange {
  private static final int HEADER = 8 + 4 * 4;
  private static final long SELECT_MILLIS = 20;

  /** One connection. */
  private final class Lane {
    final int peer;
    final boolean parts;
    final int index;
    final int stride;
    final SocketChannel channel;
    final SelectionKey key;

    final ByteBuffer header = Memory.direct(HEADER);
    ByteBuffer body;

    final ByteBuffer[] out = {Memory.direct(HEADER), null};
    ByteBuffer scratch;
    int chunk;
    int node;
    boolean sending;

    /** The peer has closed it between two frames; the control connection says what that means. */
    boolean ended;

    Lane(int peer, int number, int of, SocketChannel channel) throws IOException {
      this.peer = peer;
      this.parts = number < of / 2;
      this.index = parts ? number : number - of / 2;
      this.stride = parts ? of / 2 : of - of / 2;
      this.channel = channel;
      this.key = channel.register(selector, SelectionKey.OP_READ, this);
    }
  }

  private final Control control;
  private final Fate fate;
  private final int chunkBytes;
  private final Selector selector;
  private final List<Lane> lanes = new ArrayList<>();
  private final int size;
  private final int window;

  /** Summands of the chunks being added: by chunk modulo window, peer, node. */
  private final List<List<List<ByteBuffer>>> came = new ArrayList<>();

  private final List<ByteBuffer> buffers = new ArrayList<>();
  private final int[] arrivals;

  private Round round;
  private long op;
  private int signature;
  private String what;
  private int summands;
  private int reduced;
  private int sumsToCome;
  private long lastProgress;

  Exchange(Joining joining, int chunkBytes) {
    this.control = joining.control();
    this.fate = joining.fate();
    this.chunkBytes = chunkBytes;
    this.size = joining.membership().size();
    try {
      selector = Selector.open();
      int most = 0;
      for (int peer = 0; peer < size; peer++) {
        List<SocketChannel> channels = joining.lanes(peer);
        for (int i = 0; i < channels.size(); i++) {
          lanes.add(new Lane(peer, i, channels.size(), channels.get(i)));
        }
        most = Math.max(most, channels.size());
      }
      window = most / 2 + 1;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    arrivals = new int[window];
    for (int slot = 0; slot < window; slot++) {
      List<List<ByteBuffer>> byPeer = new ArrayList<>();
      for (int peer = 0; peer < size; peer++) {
        byPeer.add(new ArrayList<>());
      }
      came.add(byPeer);
    }
    fate.onEnd(selector::wakeup);
  }

  /** Whether there is any rank on another host. */
  boolean remote() {
    return !lanes.isEmpty();
  }

  /**
   * Carries out one round of an operation.
   *
   * @param newWhat the operation in words, as {@code signature} hashes it
   */
  void run(Round newRound, long newOp, int newSignature, String newWhat) {
    round = newRound;
    op = newOp;
    signature = newSignature;
    what = newWhat;
    reduced = 0;
    summands = 0;
    sumsToCome = 0;
    Arrays.fill(arrivals, 0);
    for (int peer = 0; peer < size; peer++) {
      summands += round.summandsFrom(peer);
      sumsToCome += round.sumChunks(peer);
    }
    for (Lane lane : lanes) {
      lane.chunk = lane.index;
      lane.node = 0;
    }
    lastProgress = System.nanoTime();
    while (!done()) {
      fate.check();
      boolean progress = reduceNext();
      for (Lane lane : lanes) {
        progress |= pump(lane);
      }
      if (progress) {
        lastProgress = System.nanoTime();
      } else {
        await();
      }
    }
    round = null;
  }

  private boolean done() {
    if (reduced < round.ownChunks() || sumsToCome > 0) {
      return false;
    }
    for (Lane lane : lanes) {
      if (lane.sending || lane.chunk < toSend(lane)) {
        return false;
      }
    }
    return true;
  }

  /** Chunks of which this lane sends its share. */
  private int toSend(Lane lane) {
    if (lane.parts) {
      return round.partChunks(lane.peer);
    }
    return round.sumsGoTo(lane.peer) ? round.ownChunks() : 0;
  }

  private boolean reduceNext() {
    if (reduced >= round.ownChunks() || arrivals[reduced % window] < summands) {
      return false;
    }
    arrivals[reduced % window] = 0;
    round.reduce(reduced, came.get(reduced % window));
    reduced++;
    return true;
  }

  private void await() {
    try {
      for (Lane lane : lanes) {
        boolean parked = !lane.header.hasRemaining() && lane.body == null;
        lane.key.interestOps(
            (parked || lane.ended ? 0 : SelectionKey.OP_READ)
                | (lane.sending ? SelectionKey.OP_WRITE : 0));
      }
      selector.select(SELECT_MILLIS);
      selector.selectedKeys().clear();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    control.watch(lastProgress);
  }

  private boolean pump(Lane lane) {
    try {
      boolean sent = send(lane);
      return receive(lane) || sent;
    } catch (IOException e) {
      control.dataLost(lane.peer, e);
      return false;
    }
  }

  private boolean send(Lane lane) throws IOException {
    if (!lane.sending && !nextFrame(lane)) {
      return false;
    }
    long count = lane.channel.write(lane.out);
    if (!lane.out[1].hasRemaining() && !lane.out[0].hasRemaining()) {
      lane.sending = false;
      lane.out[1] = null;
    }
    return count > 0;
  }

  private boolean nextFrame(Lane lane) {
    if (lane.chunk >= toSend(lane) || (!lane.parts && lane.chunk >= reduced)) {
      return false;
    }
    int chunk = lane.chunk;
    int node = lane.node;
    if (lane.parts) {
      if (lane.scratch == null) {
        lane.scratch = buffer();
      }
      lane.out[1] = round.part(lane.peer, chunk, node, lane.scratch);
    } else {
      lane.out[1] = round.sum(chunk);
    }
    lane.out[0]
        .clear()
        .putLong(op)
        .putInt(signature)
        .putInt(round.firstChunk() + chunk)
        .putInt(node)
        .putInt(lane.out[1].remaining())
        .flip();
    lane.node++;
    if (!lane.parts || lane.node == round.partNodes()) {
      lane.node = 0;
      lane.chunk += lane.stride;
    }
    lane.sending = true;
    return true;
  }

  private boolean receive(Lane lane) throws IOException {
    if (lane.ended) {
      return false;
    }
    long count = 0;
    if (lane.header.hasRemaining()) {
      count += read(lane, lane.header);
      if (lane.header.hasRemaining()) {
        return count > 0;
      }
    }
    if (lane.body == null) {
      lane.body = place(lane);
      if (lane.body == null) {
        return count > 0;
      }
    }
    count += read(lane, lane.body);
    if (!lane.body.hasRemaining()) {
      received(lane);
      lane.header.clear();
      lane.body = null;
    }
    return count > 0;
  }

  private static int read(Lane lane, ByteBuffer into) throws IOException {
    int count = lane.channel.read(into);
    if (count < 0 && lane.header.position() > 0) {
      throw new IOException("end of stream within a frame");
    }
    lane.ended = count < 0;
    return Math.max(0, count);
  }

  private int chunk(Lane lane) {
    return lane.header.getInt(12) - round.firstChunk();
  }

  /** Where the frame whose header is in goes; null if it is too early for it. */
  private ByteBuffer place(Lane lane) {
    ByteBuffer header = lane.header;
    if (header.getLong(0) > op) {
      return null;
    }
    if (header.getLong(0) < op || header.getInt(8) != signature) {
      throw control.mismatch(lane.peer, what);
    }
    int chunk = chunk(lane);
    int chunks = lane.parts ? round.ownChunks() : round.sumChunks(lane.peer);
    if (chunk >= chunks || (lane.parts && chunk >= reduced + window)) {
      return null;
    }
    ByteBuffer target;
    if (lane.parts) {
      List<ByteBuffer> nodes = came.get(chunk % window).get(lane.peer);
      int node = header.getInt(16);
      while (nodes.size() < round.summandsFrom(lane.peer)) {
        nodes.add(buffer());
      }
      target = nodes.get(node).clear().limit(round.ownChunkBytes(chunk));
    } else {
      target = round.target(lane.peer, chunk);
    }
    if (target.remaining() != header.getInt(20)) {
      throw control.mismatch(lane.peer, what);
    }
    return target;
  }

  private void received(Lane lane) {
    int chunk = chunk(lane);
    if (lane.parts) {
      lane.body.flip();
      arrivals[chunk % window]++;
    } else {
      round.arrived(lane.peer, chunk);
      sumsToCome--;
    }
  }

  private ByteBuffer buffer() {
    ByteBuffer buffer = Memory.direct(chunkBytes);
    buffers.add(buffer);
    return buffer;
  }

  void close() {
    try {
      selector.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      buffers.forEach(Memory::release);
      for (Lane lane : lanes) {
        Memory.release(lane.header);
        Memory.release(lane.out[0]);
      }
      lanes.clear();
      buffers.clear();
    }
  }
}
