package dev.troupe.coordinator.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.cluster.protocol.CborMessage;
import dev.troupe.cluster.protocol.ToJob;
import dev.troupe.core.StoreException;
import dev.troupe.store.LogStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Log lines on their way to a store that is slow, or fails. */
@Timeout(60)
class LogWriterTest {

  private record Appended(String job, List<LogStore.Lines> lines) {}

  private final BlockingQueue<Appended> appended = new LinkedBlockingQueue<>();
  private TestSystem system;
  private TestProbe<CborMessage> gateway;

  @BeforeEach
  void start() {
    system = new TestSystem();
    gateway = system.kit.createTestProbe(CborMessage.class);
  }

  @AfterEach
  void stop() {
    system.close();
  }

  private LogWriter.Write write(String job, long id, String text) {
    return new LogWriter.Write(
        job, "worker-1", "first", id, new ToJob.LogLines("source", text), gateway.getRef());
  }

  private List<Long> acknowledged(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> gateway.expectMessageClass(Gateway.Ack.class).messageId())
        .toList();
  }

  @Test
  void whatComesDuringAWriteIsWrittenAtOnceJobByJob() throws Exception {
    CountDownLatch slow = new CountDownLatch(1);
    ActorRef<LogWriter.Command> writer =
        system.kit.spawn(
            LogWriter.create(
                (job, lines) -> {
                  appended.add(new Appended(job, lines));
                  if (job.equals("slow")) {
                    awaitQuietly(slow);
                  }
                }));
    writer.tell(write("slow", 1, "begins\n"));
    assertThat(appended.poll(30, TimeUnit.SECONDS).job()).isEqualTo("slow");
    for (int i = 2; i <= 10; i++) {
      writer.tell(write(i % 2 == 0 ? "even" : "odd", i, i + "\n"));
    }
    writer.tell(write("even", 2, "2\n"));
    slow.countDown();

    assertThat(acknowledged(10)).containsExactlyInAnyOrder(1L, 2L, 4L, 6L, 8L, 10L, 3L, 5L, 7L, 9L);
    List<Appended> rest = new ArrayList<>();
    appended.drainTo(rest);
    assertThat(rest).extracting(Appended::job).containsExactly("even", "odd");
    assertThat(rest.get(0).lines())
        .extracting(LogStore.Lines::text)
        .containsExactly("2\n", "4\n", "6\n", "8\n", "10\n");
    writer.tell(write("even", 4, "4\n"));
    assertThat(acknowledged(1)).as("said again after it was written").containsExactly(4L);
    assertThat(appended).isEmpty();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void whatCannotBeWrittenIsNotAcknowledgedUntilItIsSentAgain() {
    boolean[] full = {true};
    ActorRef<LogWriter.Command> writer =
        system.kit.spawn(
            LogWriter.create(
                (job, lines) -> {
                  if (full[0]) {
                    full[0] = false;
                    throw new StoreException("disk full");
                  }
                  appended.add(new Appended(job, lines));
                }));
    writer.tell(write("job", 1, "one\n"));
    gateway.expectNoMessage();
    assertThat(appended).isEmpty();

    writer.tell(write("job", 1, "one\n"));
    assertThat(acknowledged(1)).containsExactly(1L);
    assertThat(appended).hasSize(1);
  }
}
