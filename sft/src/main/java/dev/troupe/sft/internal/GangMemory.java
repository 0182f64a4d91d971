package dev.troupe.sft.internal;

import dev.troupe.core.Checkpoint;
import dev.troupe.core.Communicator;
import dev.troupe.core.GangContext;
import dev.troupe.sft.internal.HeldState.Update;
import dev.troupe.sft.internal.Recall.Claim;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * A gang that goes on from what its ranks hold in memory, where that is a whole state, and from the
 * newest checkpoint otherwise.
 *
 * <p>When a generation ends, each rank leaves its {@link HeldState} in its process's memory, and
 * the small files of a checkpoint as bytes. The ranks of the next one tell each other what they
 * hold, agree on a step ({@link Recall}), and read that step's state like a checkpoint whose files
 * lie with one rank or another.
 */
final class GangMemory extends ForwardingGang {

  private static final int CLAIM_BYTES = 7 * Long.BYTES;

  GangMemory(GangContext gang) {
    super(gang);
  }

  /** A checkpoint whose files are read by all ranks together, in the same order. */
  static final class Recalled implements Checkpoint {
    private final Communicator communicator;
    private final Recall recall;
    private final Map<String, ByteBuffer> held;
    private final Set<String> files;

    private Recalled(Communicator communicator, Recall recall, Map<String, ByteBuffer> held) {
      this.communicator = communicator;
      this.recall = recall;
      this.held = held;
      ByteBuffer known = StandardCharsets.UTF_8.encode(String.join("\n", held.keySet()));
      ByteBuffer ofFirst = RankBytes.broadcast(communicator, known, recall.first());
      files = new TreeSet<>();
      for (String file : StandardCharsets.UTF_8.decode(ofFirst).toString().split("\n", -1)) {
        files.addAll(siblings(file));
      }
    }

    private List<String> siblings(String file) {
      if (ShardFiles.ownerOf(file).isEmpty()) {
        return List.of(file);
      }
      List<String> all = new ArrayList<>();
      for (int owner = 0; owner < recall.holders().size(); owner++) {
        all.add(ShardFiles.sibling(file, owner, recall.holders().size()));
      }
      return all;
    }

    @Override
    public long step() {
      return recall.step();
    }

    @Override
    public Set<String> files() {
      return files;
    }

    @Override
    public ByteBuffer read(String file) {
      if (!files.contains(file)) {
        throw new IllegalArgumentException("file: '" + file + "' (expected: one of " + files + ")");
      }
      OptionalInt owner = ShardFiles.ownerOf(file);
      int root = owner.isPresent() ? recall.holders().get(owner.getAsInt()) : recall.first();
      return RankBytes.broadcast(communicator, held.get(file), root);
    }
  }

  @Override
  public Optional<Checkpoint> resume() {
    Optional<HeldState> held = held();
    Optional<Recall> recall = Recall.newest(exchange(held.map(GangMemory::claim)));
    if (recall.isEmpty()) {
      return super.resume();
    }
    long step = recall.get().step();
    if (held.isPresent() && held.get().step() < step && claim(held.get()).canReach(step)) {
      held = Optional.of(held.get().next(recall.get().update()));
      memory().put(HeldState.NAME, held.get()); // a second loss finds it as it is now
    }
    Map<String, ByteBuffer> files =
        held.filter(state -> state.step() == step).map(this::files).orElse(Map.of());
    resumeAt(step);
    return Optional.of(new Recalled(communicator(), recall.get(), files));
  }

  /** The shards held here, and what all ranks keep as bytes. */
  private Map<String, ByteBuffer> files(HeldState state) {
    Map<String, ByteBuffer> files = state.files();
    memory()
        .forEach(
            (name, value) -> {
              if (value instanceof byte[] bytes) {
                files.put(name, ByteBuffer.wrap(bytes));
              }
            });
    return files;
  }

  private Optional<HeldState> held() {
    return Optional.ofNullable((HeldState) memory().get(HeldState.NAME));
  }

  private static Claim claim(HeldState held) {
    return new Claim(held.step(), held.gradients().isPresent(), held.shards(), held.update());
  }

  private List<Optional<Claim>> exchange(Optional<Claim> own) {
    ByteBuffer all = ByteBuffer.allocateDirect(size() * CLAIM_BYTES).order(ByteOrder.nativeOrder());
    own.ifPresent(claim -> write(claim, all.position(rank() * CLAIM_BYTES)));
    communicator().allGather(all.clear(), CLAIM_BYTES);
    List<Optional<Claim>> claims = new ArrayList<>();
    for (int rank = 0; rank < size(); rank++) {
      claims.add(read(all.position(rank * CLAIM_BYTES)));
    }
    return claims;
  }

  private static void write(Claim claim, ByteBuffer to) {
    to.putLong(claim.step())
        .putLong(claim.ready() ? 1 : 0)
        .putLong(claim.shards().owner())
        .putLong(claim.shards().owners())
        .putLong(claim.shards().copied() ? 1 : 0)
        .putDouble(claim.update().learningRate())
        .putDouble(claim.update().gradientScale());
  }

  /** Steps begin at 1, so a row of zeros is no claim. */
  private static Optional<Claim> read(ByteBuffer from) {
    long step = from.getLong();
    boolean ready = from.getLong() == 1;
    Shards shards = new Shards((int) from.getLong(), (int) from.getLong(), from.getLong() == 1);
    Update update = new Update(from.getDouble(), from.getDouble());
    return step == 0 ? Optional.empty() : Optional.of(new Claim(step, ready, shards, update));
  }
}
