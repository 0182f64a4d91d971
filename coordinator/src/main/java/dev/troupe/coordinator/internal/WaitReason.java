package dev.troupe.coordinator.internal;

import dev.troupe.cluster.protocol.Lease.Kind;
import dev.troupe.coordinator.internal.Placement.Node;
import dev.troupe.coordinator.internal.Placement.Request;
import java.util.List;

/** Says the one true thing that a request waits for. */
final class WaitReason {

  /** Holders named at the most. */
  private static final int NAMED_HOLDERS = 3;

  private final Placement state;
  private final List<Request> ahead;

  /**
   * @param ahead requests that are served before and wait too
   */
  WaitReason(Placement state, List<Request> ahead) {
    this.state = state;
    this.ahead = ahead;
  }

  /**
   * @param need slots that it lacks
   * @param open slots that are free for it
   */
  String of(Request r, int need, int open) {
    if (state.nodes().isEmpty()) {
      return "no workers are connected";
    }
    List<Node> carriers =
        state.nodes().stream().filter(n -> n.workloads().contains(r.workload())).toList();
    if (carriers.isEmpty()) {
      return "no worker carries workload '" + r.workload() + "'";
    }
    if (carriers.stream().allMatch(Node::draining)) {
      return "every worker that carries workload '" + r.workload() + "' is draining";
    }
    int capacity = state.capacity(r);
    if (capacity < r.min()) {
      return r.kind() == Kind.GANG
          ? "gang wants at least " + r.min() + " workers; the cluster has " + capacity
          : "workers have no " + (r.kind() == Kind.DRIVER ? "driver slots" : "slots");
    }
    long jobs = jobsAhead(r);
    if (jobs > 0) {
      return jobs == 1 ? "1 job is ahead" : jobs + " jobs are ahead";
    }
    String what =
        r.kind() == Kind.DRIVER ? "a driver slot" : need == 1 ? "a slot" : need + " slots together";
    return "needs "
        + what
        + "; "
        + open
        + " of "
        + capacity
        + (open == 1 ? " is" : " are")
        + " free"
        + holders(r);
  }

  private long jobsAhead(Request r) {
    return ahead.stream()
        .filter(b -> (b.kind() == Kind.DRIVER) == (r.kind() == Kind.DRIVER))
        .map(Request::jobId)
        .filter(j -> !j.equals(r.jobId()))
        .distinct()
        .count();
  }

  private String holders(Request r) {
    List<String> names =
        state.leases().stream()
            .filter(l -> (l.kind() == Kind.DRIVER) == (r.kind() == Kind.DRIVER))
            .map(l -> l.workerId() + ": " + Placement.label(l))
            .distinct()
            .toList();
    if (names.isEmpty()) {
      return "";
    }
    int more = names.size() - NAMED_HOLDERS;
    return " ("
        + String.join(", ", names.subList(0, Math.min(NAMED_HOLDERS, names.size())))
        + (more > 0 ? " and " + more + " more" : "")
        + ")";
  }
}
