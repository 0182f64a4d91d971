package dev.troupe.coordinator.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.JobSpec;
import dev.troupe.proto.v1.JobState;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class JobIndexTest {

  private static final Duration SOON = Duration.ofSeconds(30);

  private final BlockingQueue<String> woken = new LinkedBlockingQueue<>();
  private TestSystem system;
  private ActorRef<JobIndex.Command> index;

  @BeforeEach
  void start() {
    system = new TestSystem();
    index =
        system.kit.spawn(
            JobIndex.create(
                FakePort.SETTINGS,
                (id, command) -> {
                  assertThat(command).isInstanceOf(JobCommand.Accept.class);
                  woken.add(id);
                },
                id -> {},
                system.metrics));
  }

  @AfterEach
  void stop() {
    system.close();
  }

  private static Job job(String id) {
    return Job.newBuilder().setId(id).setSpec(JobSpec.newBuilder().setWorkload("fake")).build();
  }

  private void add(String id) {
    TestProbe<JobIndex.Added> asker = system.kit.createTestProbe(JobIndex.Added.class);
    index.tell(new JobIndex.Add(Wire.encode(job(id)), asker.getRef()));
    assertThat(asker.receiveMessage(SOON).kind()).isEqualTo(JobIndex.Added.Kind.LISTED);
  }

  /** An entity whose coordinator died is started elsewhere by the next message to it. */
  @Test
  void openJobsAreWokenAgainAndAgainAndEndedOnesAreNot() throws InterruptedException {
    add("open");
    add("ended");
    Job ended = job("ended").toBuilder().setState(JobState.JOB_STATE_SUCCEEDED).build();
    index.tell(new JobIndex.Changed(Wire.encode(ended)));
    assertThat(woken.poll(SOON.toSeconds(), TimeUnit.SECONDS)).isEqualTo("open");
    assertThat(woken.poll(SOON.toSeconds(), TimeUnit.SECONDS)).isEqualTo("open");
  }
}
