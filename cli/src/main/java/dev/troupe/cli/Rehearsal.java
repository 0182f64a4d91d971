package dev.troupe.cli;

import com.google.protobuf.Timestamp;
import dev.troupe.cli.internal.ExitCode;
import dev.troupe.cli.internal.Io;
import dev.troupe.cli.internal.Signals;
import dev.troupe.proto.v1.GetJobRequest;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.JobServiceGrpc;
import dev.troupe.proto.v1.JobSpec;
import dev.troupe.proto.v1.JobState;
import dev.troupe.proto.v1.ListJobsRequest;
import dev.troupe.proto.v1.ListJobsResponse;
import dev.troupe.proto.v1.Progress;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.okhttp.OkHttpServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Executors;

/**
 * Goes through some commands against a server of its own, so that the JVM sees which classes they
 * need: {@code bin/troupe} runs it once, to make the class-data archive from which the command then
 * starts.
 */
final class Rehearsal {

  private Rehearsal() {}

  public static void main(String[] args) throws IOException {
    Server server =
        OkHttpServerBuilder.forPort(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                InsecureServerCredentials.create())
            .executor(Executors.newCachedThreadPool())
            .addService(new OneJob())
            .build()
            .start();
    String address = "127.0.0.1:" + server.getPort();
    int code = ExitCode.DONE;
    for (String command : new String[] {"jobs", "jobs -o json", "describe pi-1"}) {
      String[] words = (command + " --address " + address).split(" ", -1);
      code = Math.max(code, TroupeCli.run(silent(), words));
    }
    server.shutdownNow();
    System.exit(code);
  }

  private static Io silent() {
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    Signals none =
        new Signals() {
          @Override
          public void onInterrupt(Runnable handler) {}

          @Override
          public void exit(int code) {}
        };
    return new Io(nowhere, nowhere, Map.of(), Path.of(""), true, true, 100, none);
  }

  private static final class OneJob extends JobServiceGrpc.JobServiceImplBase {

    @Override
    public void listJobs(ListJobsRequest request, StreamObserver<ListJobsResponse> observer) {
      observer.onNext(ListJobsResponse.newBuilder().addJobs(job()).build());
      observer.onCompleted();
    }

    @Override
    public void getJob(GetJobRequest request, StreamObserver<Job> observer) {
      observer.onNext(job());
      observer.onCompleted();
    }

    private static Job job() {
      Timestamp time = Timestamp.newBuilder().setSeconds(1).build();
      return Job.newBuilder()
          .setId("pi-1")
          .setSpec(JobSpec.newBuilder().setWorkload("pi").setName("pi"))
          .setState(JobState.JOB_STATE_SUCCEEDED)
          .setCreated(time)
          .setStarted(time)
          .setEnded(time)
          .setProgress(Progress.newBuilder().setPhase("sample").setDone(1).setTotal(2))
          .build();
    }
  }
}
