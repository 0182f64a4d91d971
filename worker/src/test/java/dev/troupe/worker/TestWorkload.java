package dev.troupe.worker;

import dev.troupe.core.Checkpoint;
import dev.troupe.core.DType;
import dev.troupe.core.GangContext;
import dev.troupe.core.GangMember;
import dev.troupe.core.GangSize;
import dev.troupe.core.Handle;
import dev.troupe.core.InputException;
import dev.troupe.core.JobContext;
import dev.troupe.core.Result;
import dev.troupe.core.Task;
import dev.troupe.core.TaskContext;
import dev.troupe.core.Workload;
import dev.troupe.core.options.Default;
import dev.troupe.core.options.Min;
import dev.troupe.core.options.Violation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;

/** A workload for tests; what it does is its options' {@code what}. */
public final class TestWorkload implements Workload<TestWorkload.Options> {

  /** Options. */
  public record Options(@Default("sum") String what, @Default("10") @Min(1) int count) {}

  /** Doors that tasks and ranks wait at, by name. */
  static final Map<String, CountDownLatch> DOORS = new ConcurrentHashMap<>();

  static CountDownLatch door(String name) {
    return DOORS.computeIfAbsent(name, n -> new CountDownLatch(1));
  }

  @Override
  public String name() {
    return "test";
  }

  @Override
  public String summary() {
    return "for tests";
  }

  @Override
  public Class<Options> optionsType() {
    return Options.class;
  }

  @Override
  public List<Violation> check(Options options) {
    return options.what().equals("bad")
        ? List.of(new Violation("what", "'bad' (expected: something good)"))
        : List.of();
  }

  @Override
  public Result run(JobContext job, Options options) throws Exception {
    return switch (options.what()) {
      case "sum" -> {
        List<Long> squares = job.fanOut("square", options.count(), Square::new);
        yield Result.of("sum", squares.stream().mapToLong(Long::longValue).sum());
      }
      case "chain" -> {
        long last = 2;
        for (int i = 0; i < options.count(); i++) {
          last = job.submit("link/" + i, new Square(last % 1000)).get();
        }
        yield Result.of("last", last);
      }
      case "wait" -> {
        job.submit("first", new Square(1)).get();
        yield Result.of("waited", job.submit("waits", new Waits("alone")).get());
      }
      case "gang" -> {
        Handle<Float> sum =
            job.gang("count", GangSize.upTo(3), new Count(options.count(), 2, "none"));
        yield Result.of("sum", sum.get());
      }
      case "log" -> {
        for (int i = 0; i < options.count(); i++) {
          job.log().info("line {}", i);
        }
        yield Result.empty();
      }
      case "any" -> {
        Handle<String> quick = job.submit("quick", new Doubles("a"));
        Handle<String> slow = job.submit("slow", new Waits("any"));
        String first = job.any(List.of(slow, quick)).key();
        door("any").countDown();
        yield Result.of("first", first).and("last", slow.get());
      }
      case "task-error" -> {
        job.submit("fails", new Fails("no luck")).get();
        yield Result.empty();
      }
      case "bad-input" -> {
        job.submit("reads", new Reads("rows.jsonl, line 3: is not JSON")).get();
        yield Result.empty();
      }
      default -> throw new IllegalArgumentException("what: " + options.what());
    };
  }

  /** i squared. */
  public record Square(long i) implements Task<Long> {
    @Override
    public Long run(TaskContext context) {
      return i * i;
    }
  }

  /** Writes a file into its scratch folder, whose path it tells, and fails if told so. */
  public record Scribbles(boolean fails) implements Task<String> {
    @Override
    public String run(TaskContext context) throws IOException {
      Path folder = context.scratch();
      Files.writeString(folder.resolve("note"), "of no use to anybody");
      if (fails) {
        throw new IllegalStateException(folder.toString());
      }
      return context.scratch().toString();
    }
  }

  /** Throws. */
  public record Fails(String message) implements Task<Void> {
    @Override
    public Void run(TaskContext context) {
      throw new IllegalStateException(message);
    }
  }

  /** Finds that its input is no good. */
  public record Reads(String wrong) implements Task<Void> {
    @Override
    public Void run(TaskContext context) {
      throw new InputException(wrong);
    }
  }

  /** Recurses until the stack is full. */
  public record Overflows(int depth) implements Task<Integer> {
    @Override
    public Integer run(TaskContext context) throws Exception {
      Task<Integer> deeper = new Overflows(depth + 1);
      return deeper.run(context) + 1;
    }
  }

  /** Says that it runs, then waits at a door. */
  public record Waits(String door) implements Task<String> {
    @Override
    public String run(TaskContext context) throws Exception {
      TestWorkload.door(door + "-begun").countDown();
      try {
        TestWorkload.door(door).await();
      } catch (InterruptedException e) {
        TestWorkload.door(door + "-interrupted").countDown();
        throw e;
      }
      return "through " + door;
    }
  }

  /** A text of so many characters, doubled. */
  public record Doubles(String text) implements Task<String> {
    @Override
    public String run(TaskContext context) {
      return text + text;
    }
  }

  /**
   * Adds 1 from every rank, every step, to a count that a checkpoint keeps.
   *
   * @param door waited at on each rank after step 5, "none" for no door
   */
  public record Count(int steps, int every, String door) implements GangMember<Float> {

    @Override
    public Float run(GangContext gang) throws Exception {
      gang.checkpointEvery(every);
      Optional<Checkpoint> checkpoint = gang.resume();
      long step = checkpoint.map(Checkpoint::step).orElse(0L);
      float[] count = {0};
      checkpoint.ifPresent(
          c -> count[0] = c.read("count").order(ByteOrder.nativeOrder()).getFloat(0));
      gang.log().info("rank {} of {} from step {}", gang.rank(), gang.size(), step);
      ByteBuffer one = ByteBuffer.allocateDirect(4).order(ByteOrder.nativeOrder());
      while (step < steps) {
        one.putFloat(0, 1f);
        gang.communicator().allReduce(one, DType.F32);
        count[0] += one.getFloat(0) / gang.size();
        step++;
        long done = step;
        gang.endStep(
            done,
            sink -> {
              if (gang.rank() == 0) {
                sink.put("count", one(count[0]));
              } else {
                sink.put("rank-" + gang.rank(), new byte[] {1});
              }
            });
        gang.progress().report("count", step, steps);
        if (step == 5 && !door.equals("none")) {
          gang.awaitCheckpoint();
          TestWorkload.door(door + "-begun-" + gang.rank()).countDown();
          TestWorkload.door(door).await();
        }
      }
      gang.awaitCheckpoint();
      return count[0];
    }

    private static ByteBuffer one(float value) {
      return ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putFloat(0, value);
    }
  }

  /** Counts the generations that its memory has seen, and gathers the counts of all ranks. */
  public record Remembers() implements GangMember<List<Integer>> {

    @Override
    public List<Integer> run(GangContext gang) {
      int seen = (Integer) gang.memory().getOrDefault("seen", 0) + 1;
      gang.memory().put("seen", seen);
      ByteBuffer all = ByteBuffer.allocateDirect(gang.size());
      all.order(ByteOrder.nativeOrder()).put(gang.rank(), (byte) seen);
      gang.communicator().allGather(all, 1);
      return IntStream.range(0, gang.size()).mapToObj(rank -> (int) all.get(rank)).toList();
    }
  }

  /** One rank fails for a reason of its own while the others wait for it. */
  public record FailingRank(int victim) implements GangMember<Void> {

    @Override
    public Void run(GangContext gang) {
      if (gang.rank() == victim) {
        throw new IllegalStateException("no room for rank " + victim);
      }
      gang.communicator().barrier();
      return null;
    }
  }
}
