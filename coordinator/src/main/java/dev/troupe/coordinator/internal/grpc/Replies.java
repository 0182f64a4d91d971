package dev.troupe.coordinator.internal.grpc;

import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletionStage;

/** Hands the outcome of a stage to a caller. */
final class Replies {

  private Replies() {}

  static <T> void unary(CompletionStage<T> stage, StreamObserver<T> caller) {
    stage.whenComplete(
        (value, error) -> {
          if (error != null) {
            caller.onError(Errors.toStatus(error));
          } else {
            caller.onNext(value);
            caller.onCompleted();
          }
        });
  }
}
