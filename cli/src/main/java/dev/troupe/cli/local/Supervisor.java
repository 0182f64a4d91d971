package dev.troupe.cli.local;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Starts nodes again that have died, after a wait that doubles while they keep dying. A node that
 * ended with code 0 has left on purpose and stays away.
 */
final class Supervisor {

  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration FIRST_WAIT = Duration.ofMillis(500);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

  /** A node that has lived so long is healthy: its next death is a first one. */
  private static final Duration HEALTHY_AFTER = Duration.ofSeconds(30);

  private static final class Fate {
    private Duration wait = FIRST_WAIT;
    private long againAtNanos;
    private boolean told;
  }

  private final List<SupervisedNode> nodes;
  private final Consumer<String> messages;
  private final Map<SupervisedNode, Fate> fates = new HashMap<>();
  private final Thread thread = new Thread(this::run, "troupe-local-supervisor");
  private boolean stopped;

  Supervisor(List<SupervisedNode> nodes, Consumer<String> messages) {
    this.nodes = List.copyOf(nodes);
    this.messages = messages;
    nodes.forEach(node -> fates.put(node, new Fate()));
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** After this, no node is started any more. */
  synchronized void stop() {
    stopped = true;
    notifyAll();
  }

  private synchronized void run() {
    while (!stopped) {
      nodes.forEach(this::look);
      try {
        wait(POLL.toMillis());
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void look(SupervisedNode node) {
    Fate fate = fates.get(node);
    if (node.process().alive()) {
      return;
    }
    if (!fate.told) {
      fate.told = true;
      if (node.process().age().compareTo(HEALTHY_AFTER) > 0) {
        fate.wait = FIRST_WAIT;
      }
      fate.againAtNanos = System.nanoTime() + fate.wait.toNanos();
      messages.accept(farewell(node, fate));
    }
    if (node.process().exitCode() != 0 && System.nanoTime() >= fate.againAtNanos) {
      Duration doubled = fate.wait.multipliedBy(2);
      fate.wait = doubled.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : doubled;
      fate.told = false;
      node.startAgain();
    }
  }

  private static String farewell(SupervisedNode node, Fate fate) {
    int code = node.process().exitCode();
    return code == 0
        ? node.name() + " has left."
        : node.name()
            + " ended with code "
            + code
            + "; starting it again in "
            + fate.wait.toMillis() / 1000.0
            + " s (log: "
            + node.process().log()
            + ").";
  }
}
