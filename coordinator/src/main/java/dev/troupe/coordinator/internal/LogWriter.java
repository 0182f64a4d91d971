package dev.troupe.coordinator.internal;

import dev.troupe.cluster.protocol.CborMessage;
import dev.troupe.cluster.protocol.ToJob;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;

/** Writes the log lines that workers ship; on its own thread, for the disk may be slow. */
final class LogWriter extends AbstractBehavior<LogWriter.Write> {

  /** Appends text to a job's log. */
  @FunctionalInterface
  interface Sink {
    void append(String jobId, String source, String text);
  }

  record Write(
      String jobId,
      String workerId,
      String incarnation,
      long messageId,
      ToJob.LogLines lines,
      ActorRef<CborMessage> gateway) {}

  /** Messages remembered, so that one that is sent again is not written again. */
  private static final int REMEMBERED = 50_000;

  private final Sink sink;
  private final Map<String, Boolean> seen =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
          return size() > REMEMBERED;
        }
      };

  static Behavior<Write> create(Sink sink) {
    return Behaviors.setup(ctx -> new LogWriter(ctx, sink));
  }

  private LogWriter(ActorContext<Write> ctx, Sink sink) {
    super(ctx);
    this.sink = sink;
  }

  @Override
  public Receive<Write> createReceive() {
    return newReceiveBuilder().onMessage(Write.class, this::onWrite).build();
  }

  private Behavior<Write> onWrite(Write m) {
    if (seen.put(m.incarnation() + "/" + m.messageId(), true) == null) {
      try {
        sink.append(m.jobId(), m.lines().source(), m.lines().text());
      } catch (RuntimeException e) {
        // Not acknowledged: the worker keeps the lines and sends them again.
        seen.remove(m.incarnation() + "/" + m.messageId());
        getContext().getLog().warn("Log of job {} cannot be written: {}", m.jobId(), e.toString());
        return this;
      }
    }
    m.gateway().tell(new Gateway.Ack(m.workerId(), m.incarnation(), m.messageId()));
    return this;
  }
}
