package dev.troupe.worker.internal;

import dev.troupe.cluster.protocol.FromCoordinator.CheckOptions;
import dev.troupe.cluster.protocol.FromWorker;
import dev.troupe.core.options.Violation;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** Runs {@link dev.troupe.core.Workload#check} on a few threads, with a limit on its time. */
final class OptionsChecks {

  /** A check that takes longer is answered as a violation. */
  private static final Duration LIMIT = Duration.ofSeconds(4);

  private static final int THREADS = 2;
  private static final int QUEUE = 100;

  private final WorkloadCatalog catalog;
  private final Timer timer;
  private final Consumer<FromWorker> answers;
  private final ThreadPoolExecutor pool;

  OptionsChecks(WorkloadCatalog catalog, Timer timer, Consumer<FromWorker> answers) {
    this.catalog = catalog;
    this.timer = timer;
    this.answers = answers;
    this.pool =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(QUEUE),
            body -> {
              Thread thread = new Thread(body, "check-options");
              thread.setDaemon(true);
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
  }

  void run(CheckOptions request) {
    AtomicBoolean answered = new AtomicBoolean();
    try {
      Future<?> check = pool.submit(() -> answer(request, answered, violations(request)));
      timer.after(
          LIMIT,
          () -> {
            check.cancel(true);
            answer(
                request,
                answered,
                List.of(
                    new Violation(
                        "options",
                        "the check of workload %s took longer than %d s; submit again, files are read faster then"
                            .formatted(request.workload(), LIMIT.toSeconds()))));
          });
    } catch (RejectedExecutionException e) {
      answer(
          request,
          answered,
          List.of(new Violation("options", "too many checks at once; try again")));
    }
  }

  private List<Violation> violations(CheckOptions request) {
    WorkloadCatalog.Entry entry = catalog.find(request.workload());
    if (entry == null) {
      return List.of(
          new Violation("workload", "'" + request.workload() + "' is not on this worker"));
    }
    Thread.currentThread().setContextClassLoader(entry.loader());
    try {
      return entry.check(request.optionsJson());
    } catch (RuntimeException | LinkageError | StackOverflowError e) {
      return List.of(new Violation("options", "the check failed: " + e));
    }
  }

  private void answer(CheckOptions request, AtomicBoolean answered, List<Violation> violations) {
    if (answered.compareAndSet(false, true)) {
      answers.accept(
          new FromWorker.OptionsChecked(
              request.requestId(),
              violations.stream()
                  .map(v -> new FromWorker.FieldError(v.field(), v.description()))
                  .toList()));
    }
  }
}
