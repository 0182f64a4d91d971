package dev.troupe.coordinator.internal;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.troupe.core.StoreException;
import dev.troupe.proto.journal.v1.CheckpointRecorded;
import dev.troupe.proto.journal.v1.JobEvent;
import dev.troupe.proto.v1.JobState;
import dev.troupe.store.BlobNames;
import dev.troupe.store.References;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Reads from the journal which blobs jobs need. All that any event or snapshot mentions counts, in
 * whatever field, so nothing has to be added here when the journal learns a new message. The one
 * exception is checkpoints, of which each job goes on from its newest few alone ({@link
 * JobRecord}): older ones are superseded, and all of them once the job has succeeded. Those of a
 * job that failed or was cancelled stay as long as the job is listed; they may be all that is left
 * of it.
 */
final class JournalReferences {

  private static final String JOBS = JobEntity.persistenceId("").id();

  private final Set<String> named = new HashSet<>();
  private final Set<String> superseded = new HashSet<>();
  private Instant openSince;

  /** The job whose events come now. */
  private String job = "";

  private long accepted;
  private boolean ended;
  private final Map<String, Deque<String>> checkpoints = new HashMap<>();

  private JournalReferences(Instant now) {
    openSince = now;
  }

  /**
   * @param checkpointsKept of each gang
   * @throws StoreException if the journal cannot be read, or holds what this version does not know
   */
  static References read(Journal journal, int checkpointsKept) {
    JournalReferences found = new JournalReferences(Instant.now());
    try {
      journal.forEachEvent((id, event) -> found.onEvent(id, event, checkpointsKept));
      found.endJob();
      journal.forEachSnapshot((id, snapshot) -> BlobNames.find(snapshot, found.named::add));
    } catch (SQLException | InvalidProtocolBufferException e) {
      throw new StoreException(
          "the journal does not tell which blobs are needed: " + e.getMessage(), e);
    }
    return new References(found.named, found.superseded, found.openSince);
  }

  private void onEvent(String persistenceId, byte[] payload, int checkpointsKept)
      throws InvalidProtocolBufferException {
    if (!persistenceId.startsWith(JOBS)) {
      BlobNames.find(payload, named::add);
      return;
    }
    if (!persistenceId.equals(job)) {
      endJob();
      job = persistenceId;
    }
    JobEvent event = JobEvent.parseFrom(payload);
    switch (event.getEventCase()) {
      case CHECKPOINT_RECORDED -> onCheckpoint(event.getCheckpointRecorded(), checkpointsKept);
      case ACCEPTED -> accepted = event.getAt();
      case ENDED -> {
        ended = true;
        if (event.getEnded().getState() == JobState.JOB_STATE_SUCCEEDED) {
          checkpoints.values().forEach(superseded::addAll);
          checkpoints.clear();
        }
      }
      default -> {}
    }
    if (!event.hasCheckpointRecorded()) {
      BlobNames.find(payload, named::add);
    }
  }

  private void onCheckpoint(CheckpointRecorded recorded, int checkpointsKept) {
    Deque<String> ofGang = checkpoints.computeIfAbsent(recorded.getKey(), k -> new ArrayDeque<>());
    ofGang.addFirst(recorded.getManifest().getSha256());
    while (ofGang.size() > checkpointsKept) {
      superseded.add(ofGang.removeLast());
    }
  }

  private void endJob() {
    checkpoints.values().forEach(named::addAll);
    checkpoints.clear();
    if (!job.isEmpty() && !ended && Instant.ofEpochMilli(accepted).isBefore(openSince)) {
      openSince = Instant.ofEpochMilli(accepted);
    }
    job = "";
    accepted = 0;
    ended = false;
  }
}
