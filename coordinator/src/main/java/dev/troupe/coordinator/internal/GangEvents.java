package dev.troupe.coordinator.internal;

import dev.troupe.cluster.protocol.ToJob.CheckpointWritten;
import dev.troupe.cluster.protocol.ToJob.MemberOutcome;
import dev.troupe.proto.journal.v1.CheckpointRecorded;
import dev.troupe.proto.journal.v1.Error;
import dev.troupe.proto.journal.v1.GangEnded;
import dev.troupe.proto.journal.v1.GenerationEnded;
import dev.troupe.proto.journal.v1.GenerationStarted;

/** A gang's events for the journal. */
final class GangEvents {

  private GangEvents() {}

  static GenerationStarted started(String key, Generation generation) {
    return GenerationStarted.newBuilder()
        .setKey(key)
        .setGeneration(generation.number())
        .addAllMembers(generation.members())
        .build();
  }

  static GenerationEnded ended(
      String key, Generation generation, String reason, boolean paused, boolean advanced) {
    return GenerationEnded.newBuilder()
        .setKey(key)
        .setGeneration(generation.number())
        .setReason(reason)
        .setPaused(paused)
        .setAdvanced(advanced)
        .build();
  }

  static CheckpointRecorded checkpoint(CheckpointWritten c) {
    return CheckpointRecorded.newBuilder()
        .setKey(c.gangKey())
        .setGeneration(c.generation())
        .setStep(c.step())
        .setManifest(Convert.blob(c.manifest()))
        .build();
  }

  /**
   * @param first how rank 0 ended
   */
  static GangEnded succeeded(String key, MemberOutcome first) {
    GangEnded.Builder ended = GangEnded.newBuilder().setKey(key);
    if (first.result() != null) {
      ended.setResult(Convert.payload(first.result()));
    }
    return ended.build();
  }

  static GangEnded failed(String key, Error error) {
    return GangEnded.newBuilder().setKey(key).setError(error).build();
  }
}
