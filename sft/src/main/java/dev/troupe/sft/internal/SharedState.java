package dev.troupe.sft.internal;

import dev.troupe.core.Checkpoint;
import dev.troupe.core.CheckpointSink;
import dev.troupe.core.GangContext;
import dev.troupe.core.Json;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A small record beside what is trained, the same on all ranks, that no interruption loses: it is a
 * file of each checkpoint, and lies in the memory of every rank, any of which may be asked for it.
 */
final class SharedState<S> {

  private final GangContext gang;
  private final String file;
  private final Class<S> type;
  private S value;

  SharedState(GangContext gang, String file, S fresh, Class<S> type) {
    this.gang = gang;
    this.file = file;
    this.type = type;
    value = fresh;
  }

  S get() {
    return value;
  }

  /** Takes what all ranks know. */
  void set(S next) {
    value = next;
    gang.memory().put(file, bytes(next));
  }

  /** Takes what rank 0 knows, since other ranks know but a part of it. Collective. */
  void share(S own) {
    set(parse(RankBytes.broadcast(gang.communicator(), ByteBuffer.wrap(bytes(own)), 0)));
  }

  /** Takes what was saved, if anything was. Collective. */
  void resume(Optional<Checkpoint> from) {
    set(from.filter(c -> c.files().contains(file)).map(c -> parse(c.read(file))).orElse(value));
  }

  /** To be called on every rank. */
  void save(CheckpointSink sink) {
    if (gang.rank() == 0) {
      sink.put(file, bytes(value));
    }
  }

  private S parse(ByteBuffer bytes) {
    return Json.read(StandardCharsets.UTF_8.decode(bytes).toString(), type);
  }

  private byte[] bytes(S state) {
    return Json.write(state).getBytes(StandardCharsets.UTF_8);
  }
}
