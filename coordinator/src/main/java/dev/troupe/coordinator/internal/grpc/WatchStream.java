package dev.troupe.coordinator.internal.grpc;

import dev.troupe.coordinator.internal.ControlPlane;
import dev.troupe.coordinator.internal.JobStates;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.JobUpdate;
import io.grpc.stub.ServerCallStreamObserver;

/**
 * Sends a job's changes to one watcher. A watcher that reads slowly gets the newest state when it
 * is ready again, and never more than one waits for it.
 */
final class WatchStream implements ControlPlane.Watcher {

  private final ServerCallStreamObserver<JobUpdate> caller;
  private Job waiting;
  private boolean done;
  private ControlPlane.Subscription subscription = () -> {};

  WatchStream(ServerCallStreamObserver<JobUpdate> caller) {
    this.caller = caller;
    caller.setOnReadyHandler(this::send);
    caller.setOnCancelHandler(this::leave);
  }

  synchronized void follow(ControlPlane.Subscription following) {
    subscription = following;
    if (done) {
      following.close();
    }
  }

  @Override
  public synchronized void changed(Job job) {
    waiting = job;
    send();
  }

  @Override
  public synchronized void failed(Throwable error) {
    if (!done) {
      done = true;
      caller.onError(Errors.toStatus(error));
    }
  }

  private synchronized void send() {
    if (done || waiting == null || !caller.isReady()) {
      return;
    }
    Job job = waiting;
    waiting = null;
    caller.onNext(JobUpdate.newBuilder().setJob(job).build());
    if (JobStates.isTerminal(job.getState())) {
      leave();
      caller.onCompleted();
    }
  }

  private synchronized void leave() {
    done = true;
    subscription.close();
  }
}
