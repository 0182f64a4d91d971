package dev.troupe.worker.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.core.BlobRef;
import dev.troupe.core.Store;
import dev.troupe.core.StoreException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class CheckpointWritingTest {

  /** A disk that takes nothing before it is let. */
  private static final class SlowStore implements Store {
    final CountDownLatch let = new CountDownLatch(1);
    final List<Byte> first = new ArrayList<>();
    boolean full;

    @Override
    public BlobRef put(ByteBuffer content) {
      try {
        let.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      if (full) {
        throw new StoreException("the disk is full");
      }
      first.add(content.get(content.position()));
      return new BlobRef("0".repeat(64), content.remaining());
    }

    @Override
    public BlobRef put(Path file) {
      throw new UnsupportedOperationException();
    }

    @Override
    public BlobRef put(InputStream content) {
      throw new UnsupportedOperationException();
    }

    @Override
    public ByteBuffer get(BlobRef blob) {
      throw new UnsupportedOperationException();
    }

    @Override
    public InputStream open(BlobRef blob) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean contains(BlobRef blob) {
      return false;
    }
  }

  private final SlowStore store = new SlowStore();
  private final CheckpointWriting writing = new CheckpointWriting(store, "test");

  @AfterEach
  void close() {
    writing.close();
  }

  @Test
  void theNextStepsDoNotWaitForTheDiskNorChangeWhatIsWritten() {
    ByteBuffer state = ByteBuffer.allocateDirect(8).put(0, (byte) 1);
    writing.begin(10, sink -> sink.put("state", state));
    state.put(0, (byte) 2); // the next step, while the disk has taken nothing
    assertThat(writing.isUnderWay()).isTrue();
    assertThat(writing.isWritten()).isFalse();
    store.let.countDown();
    Map<String, BlobRef> files = writing.finish();
    assertThat(files).containsOnlyKeys("state");
    assertThat(files.get("state").bytes()).isEqualTo(8);
    assertThat(writing.step()).isEqualTo(10);
    assertThat(writing.isUnderWay()).isFalse();

    writing.begin(20, sink -> sink.put("state", state));
    writing.finish();
    assertThat(store.first).containsExactly((byte) 1, (byte) 2);
  }

  @Test
  void aDiskThatFailsIsReportedWhereTheCheckpointIsFinished() {
    store.full = true;
    store.let.countDown();
    writing.begin(10, sink -> sink.put("state", new byte[] {1}));
    assertThatThrownBy(writing::finish)
        .isInstanceOf(StoreException.class)
        .hasMessage("the disk is full");
    assertThat(writing.isUnderWay()).isFalse();
  }

  @Test
  void twoFilesOfOneNameAreRefused() {
    assertThatThrownBy(
            () ->
                writing.begin(
                    1,
                    sink -> {
                      sink.put("state", new byte[] {1});
                      sink.put("state", new byte[] {2});
                    }))
        .hasMessage("checkpoint file 'state' is put twice");
    assertThat(writing.isUnderWay()).isFalse();
  }
}
