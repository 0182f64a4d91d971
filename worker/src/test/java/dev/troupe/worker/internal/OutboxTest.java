package dev.troupe.worker.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.cluster.protocol.FromWorker;
import dev.troupe.cluster.protocol.ToJob;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class OutboxTest {

  private static final ActorTestKit KIT = ActorTestKit.create();

  private final TestProbe<FromWorker> gateway = KIT.createTestProbe(FromWorker.class);
  private final Outbox outbox = new Outbox("worker-1", "first", 1_000);

  @AfterAll
  static void stop() {
    KIT.shutdownTestKit();
  }

  @Test
  void messagesWaitForACoordinatorAndGoInOrder() throws Exception {
    for (int i = 0; i < 4; i++) {
      outbox.put("job", started(i), () -> {});
    }
    gateway.expectNoMessage(java.time.Duration.ofMillis(20));

    outbox.attach(gateway.getRef());

    for (int i = 0; i < 4; i++) {
      assertThat(next().message()).isEqualTo(started(i));
    }
    outbox.delivered("first", List.of(0L, 1L, 2L, 3L));
    assertThat(outbox.size()).isZero();
    assertThat(outbox.bytes()).isZero();
  }

  @Test
  void noMoreThanAWindowIsUnderWay() {
    outbox.attach(gateway.getRef());
    for (int i = 0; i < Outbox.WINDOW + 1; i++) {
      outbox.force("job", started(i), () -> {});
    }
    for (int i = 0; i < Outbox.WINDOW; i++) {
      next();
    }
    gateway.expectNoMessage(java.time.Duration.ofMillis(20));

    outbox.delivered("first", List.of(5L));

    assertThat(next().message()).isEqualTo(started(Outbox.WINDOW));
  }

  @Test
  void aFullOutboxHoldsItsProducerBack() throws Exception {
    while (outbox.offer("job", started(0), () -> {})) {
      assertThat(outbox.bytes()).isLessThanOrEqualTo(1_000);
    }
    outbox.attach(gateway.getRef());
    CountDownLatch through = new CountDownLatch(1);
    Thread producer =
        new Thread(
            () -> {
              try {
                outbox.put("job", started(99), through::countDown);
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    producer.start();
    outbox.delivered("first", List.of(0L));
    producer.join(10_000);
    assertThat(producer.isAlive()).isFalse();

    List<Long> rest = new ArrayList<>();
    for (long id = 1; id < 20; id++) {
      rest.add(id);
    }
    outbox.delivered("first", rest);
    assertThat(through.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void afterFencingNothingOldIsSent() {
    outbox.force("job", started(0), () -> {});
    outbox.fence("second");
    outbox.force("job", started(1), () -> {});
    outbox.attach(gateway.getRef());

    FromWorker.Envelope only = next();
    assertThat(only.message()).isEqualTo(started(1));
    assertThat(only.incarnation()).isEqualTo("second");
  }

  @Test
  void afterAbandoningWhatIsFinishedGoesOutInTheNewName() {
    outbox.force("job", started(0), () -> {});
    outbox.renew("second");
    outbox.attach(gateway.getRef());

    assertThat(next().incarnation()).isEqualTo("second");
    outbox.delivered("second", List.of(0L));
    assertThat(outbox.size()).isZero();
  }

  @Test
  void aStoppedLeaseTakesItsMessagesAlong() {
    outbox.force("job", new ToJob.TasksEnded("lease-1", List.of()), () -> {});
    outbox.force("job", new ToJob.LogLines("driver", "stays\n"), () -> {});
    outbox.forget("lease-1");
    outbox.attach(gateway.getRef());

    assertThat(next().message()).isInstanceOf(ToJob.LogLines.class);
    assertThat(outbox.size()).isEqualTo(1);
  }

  @Test
  void whatADriverActsOnOutlastsItsLease() throws Exception {
    outbox.putForGood("job", new ToJob.TasksEnded("lease-1", List.of()), () -> {});
    outbox.forget("lease-1");
    outbox.attach(gateway.getRef());

    assertThat(next().message()).isInstanceOf(ToJob.TasksEnded.class);
  }

  @Test
  void logLinesBeyondTheBufferAreCounted() {
    LogShipper logs = new LogShipper(outbox, 3);
    for (int i = 0; i < 5; i++) {
      logs.append("job", "driver", "line " + i);
    }
    logs.flush("job");
    outbox.attach(gateway.getRef());

    assertThat(next().message())
        .isEqualTo(new ToJob.LogLines("driver", "... 2 lines dropped\nline 2\nline 3\nline 4\n"));
  }

  private FromWorker.Envelope next() {
    return gateway.expectMessageClass(FromWorker.Envelope.class);
  }

  private static ToJob started(int attempt) {
    return new ToJob.DriverStarted("lease", attempt);
  }
}
