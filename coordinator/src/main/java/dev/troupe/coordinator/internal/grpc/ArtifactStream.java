package dev.troupe.coordinator.internal.grpc;

import com.google.protobuf.ByteString;
import dev.troupe.coordinator.internal.ControlPlane;
import dev.troupe.coordinator.internal.Refusal;
import dev.troupe.core.Store;
import dev.troupe.core.StoreException;
import dev.troupe.proto.v1.ArtifactChunk;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;

/** Sends an artifact's bytes, checked against its SHA-256, as fast as the caller takes them. */
final class ArtifactStream {

  private static final int CHUNK_BYTES = 256 * 1024;

  private final Store store;
  private final String jobId;
  private final String name;
  private final ServerCallStreamObserver<ArtifactChunk> caller;
  private final ScheduledExecutorService readers;
  private InputStream content;
  private boolean done;

  ArtifactStream(
      Store store,
      String jobId,
      String name,
      ServerCallStreamObserver<ArtifactChunk> caller,
      ScheduledExecutorService readers) {
    this.store = store;
    this.jobId = jobId;
    this.name = name;
    this.caller = caller;
    this.readers = readers;
    caller.setOnReadyHandler(() -> readers.execute(this::send));
    caller.setOnCancelHandler(() -> readers.execute(this::close));
  }

  /** Begins to send, once the artifact is found. */
  void start(ControlPlane control) {
    control
        .artifacts(jobId)
        .whenComplete(
            (entries, error) -> {
              if (error != null) {
                caller.onError(Errors.toStatus(error));
              } else {
                readers.execute(() -> open(entries));
              }
            });
  }

  private synchronized void open(List<ControlPlane.ArtifactEntry> entries) {
    try {
      content =
          entries.stream()
              .filter(entry -> entry.name().equals(name))
              .findFirst()
              .map(entry -> store.open(entry.blob()))
              .orElseThrow(() -> notFound(entries));
      send();
    } catch (Refusal e) {
      fail(e);
    } catch (StoreException e) {
      fail(new Refusal(Status.Code.DATA_LOSS, "BLOB_CORRUPT", e.getMessage()));
    }
  }

  private synchronized void send() {
    try {
      while (content != null && !done && caller.isReady()) {
        byte[] chunk = content.readNBytes(CHUNK_BYTES);
        if (chunk.length == 0) {
          close();
          caller.onCompleted();
        } else {
          caller.onNext(ArtifactChunk.newBuilder().setData(ByteString.copyFrom(chunk)).build());
        }
      }
    } catch (IOException | StoreException e) {
      fail(new Refusal(Status.Code.DATA_LOSS, "BLOB_CORRUPT", e.getMessage()));
    }
  }

  private Refusal notFound(List<ControlPlane.ArtifactEntry> entries) {
    List<String> names = entries.stream().map(ControlPlane.ArtifactEntry::name).toList();
    return new Refusal(
        Status.Code.NOT_FOUND,
        "ARTIFACT_NOT_FOUND",
        "job '"
            + jobId
            + "' has no artifact '"
            + name
            + "' (there are: "
            + String.join(", ", names)
            + ")");
  }

  private synchronized void fail(Refusal refusal) {
    if (!done) {
      close();
      caller.onError(Errors.toStatus(refusal));
    }
  }

  private synchronized void close() {
    done = true;
    try {
      if (content != null) {
        content.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
