package dev.troupe.coordinator.internal;

import dev.troupe.cluster.protocol.CborMessage;
import dev.troupe.cluster.protocol.ToJob;
import dev.troupe.store.LogStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the log lines that workers ship; on its own thread, for the store may be slow. What has
 * come while a write was under way is written at once, job by job.
 */
final class LogWriter extends AbstractBehavior<LogWriter.Command> {

  private static final Logger LOG = LoggerFactory.getLogger(LogWriter.class);

  /** Appends lines to a job's log. */
  @FunctionalInterface
  interface Sink {
    void append(String jobId, List<LogStore.Lines> lines);
  }

  sealed interface Command extends CborMessage {}

  record Write(
      String jobId,
      String workerId,
      String incarnation,
      long messageId,
      ToJob.LogLines lines,
      ActorRef<CborMessage> gateway)
      implements Command {

    String id() {
      return incarnation + "/" + messageId;
    }
  }

  private enum Flush implements Command {
    NOW
  }

  /** Messages remembered, so that one that is sent again is not written again. */
  private static final int REMEMBERED = 50_000;

  /** A batch is written when it has so many messages, even if more wait. */
  private static final int MAX_BATCH = 1_000;

  private final Sink sink;
  private final Map<String, List<Write>> waiting = new LinkedHashMap<>();
  private int count;
  private final Map<String, Boolean> seen =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
          return size() > REMEMBERED;
        }
      };

  static Behavior<Command> create(Sink sink) {
    return Behaviors.setup(ctx -> new LogWriter(ctx, sink));
  }

  private LogWriter(ActorContext<Command> ctx, Sink sink) {
    super(ctx);
    this.sink = sink;
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Write.class, this::onWrite)
        .onMessageEquals(Flush.NOW, this::onFlush)
        .build();
  }

  private Behavior<Command> onWrite(Write m) {
    if (seen.put(m.id(), true) != null) {
      boolean isWritten =
          waiting.getOrDefault(m.jobId(), List.of()).stream().noneMatch(w -> w.id().equals(m.id()));
      if (isWritten) {
        acknowledge(m);
      }
      return this;
    }
    if (count++ == 0) {
      getContext().getSelf().tell(Flush.NOW); // behind all that has come until now
    }
    waiting.computeIfAbsent(m.jobId(), job -> new ArrayList<>()).add(m);
    return count < MAX_BATCH ? this : onFlush();
  }

  private Behavior<Command> onFlush() {
    waiting.forEach(this::write);
    waiting.clear();
    count = 0;
    return this;
  }

  private void write(String jobId, List<Write> writes) {
    try {
      sink.append(
          jobId,
          writes.stream()
              .map(w -> new LogStore.Lines(w.lines().source(), w.lines().text()))
              .toList());
    } catch (RuntimeException e) {
      // Not acknowledged: the workers keep the lines and send them again.
      writes.forEach(w -> seen.remove(w.id()));
      LOG.warn("Log of job {} cannot be written: {}", jobId, e.toString());
      return;
    }
    writes.forEach(LogWriter::acknowledge);
  }

  private static void acknowledge(Write m) {
    m.gateway().tell(new Gateway.Ack(m.workerId(), m.incarnation(), m.messageId()));
  }
}
