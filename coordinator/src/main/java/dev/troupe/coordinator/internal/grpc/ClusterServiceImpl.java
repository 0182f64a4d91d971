package dev.troupe.coordinator.internal.grpc;

import dev.troupe.coordinator.internal.ControlPlane;
import dev.troupe.proto.v1.ClusterServiceGrpc;
import dev.troupe.proto.v1.DrainWorkerRequest;
import dev.troupe.proto.v1.ListWorkersRequest;
import dev.troupe.proto.v1.ListWorkersResponse;
import dev.troupe.proto.v1.ListWorkloadsRequest;
import dev.troupe.proto.v1.ListWorkloadsResponse;
import dev.troupe.proto.v1.Worker;
import io.grpc.stub.StreamObserver;
import java.util.List;

/** The cluster's own calls. */
final class ClusterServiceImpl extends ClusterServiceGrpc.ClusterServiceImplBase {

  private final ControlPlane control;

  ClusterServiceImpl(ControlPlane control) {
    this.control = control;
  }

  @Override
  public void listWorkers(ListWorkersRequest request, StreamObserver<ListWorkersResponse> caller) {
    Replies.unary(control.workers().thenApply(all -> page(all, request)), caller);
  }

  /** Workers are sorted by id, so the token is the last id of the page before. */
  private static ListWorkersResponse page(List<Worker> all, ListWorkersRequest request) {
    int size = Requests.pageSize(request.getPageSize());
    List<Worker> rest =
        all.stream()
            .filter(worker -> worker.getId().compareTo(request.getPageToken()) > 0)
            .toList();
    List<Worker> page = rest.subList(0, Math.min(size, rest.size()));
    ListWorkersResponse.Builder response = ListWorkersResponse.newBuilder().addAllWorkers(page);
    if (page.size() < rest.size()) {
      response.setNextPageToken(page.get(page.size() - 1).getId());
    }
    return response.build();
  }

  @Override
  public void drainWorker(DrainWorkerRequest request, StreamObserver<Worker> caller) {
    Replies.unary(control.drain(request.getWorkerId()), caller);
  }

  @Override
  public void listWorkloads(
      ListWorkloadsRequest request, StreamObserver<ListWorkloadsResponse> caller) {
    Replies.unary(
        control
            .workloads()
            .thenApply(all -> ListWorkloadsResponse.newBuilder().addAllWorkloads(all).build()),
        caller);
  }
}
