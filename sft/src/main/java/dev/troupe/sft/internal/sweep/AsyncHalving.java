package dev.troupe.sft.internal.sweep;

import dev.troupe.core.Handle;
import dev.troupe.core.JobContext;
import dev.troupe.sft.internal.Segment;
import dev.troupe.sft.internal.sweep.Race.Runner;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Asynchronous successive halving (Li et al., "A System for Massively Parallel Hyperparameter
 * Tuning", 2020, algorithm 2): whenever there is room, the trial goes on that is among the best
 * part of all that have reached its rung, from the highest rung down; if there is none, a new one
 * begins. Nobody waits for a rung to fill. Which trials go on depends on the order in which they
 * come in; a driver that is run again gets what is done at once and may decide otherwise about the
 * rest.
 *
 * @param keep part of a rung that goes on; 1 / eta in the paper
 * @param enforce whether the others stop; if not, they are trained to the end afterwards
 * @param parallel trials under way at a time
 */
record AsyncHalving(JobContext job, double keep, boolean enforce, int parallel)
    implements SweepPolicy {

  @Override
  public void run(Race race) throws InterruptedException {
    Rungs rungs = new Rungs(race);
    Deque<Runner> fresh = new ArrayDeque<>(race.runners());
    drive(
        race, rungs::arrived, () -> rungs.promotable().or(() -> Optional.ofNullable(fresh.poll())));
    List<Runner> left =
        race.runners().stream().filter(r -> r.diverged().isEmpty() && !race.atEnd(r)).toList();
    left.forEach(Runner::giveUp);
    if (!enforce) {
      Deque<Runner> rest = new ArrayDeque<>(left);
      drive(
          race,
          runner -> { // rung by rung to the end
            if (runner.diverged().isEmpty() && !race.atEnd(runner)) {
              rest.addFirst(runner);
            }
          },
          () -> Optional.ofNullable(rest.poll()));
    }
  }

  /**
   * Keeps {@code parallel} trials under way.
   *
   * @param arrived told who has reached a rung
   * @param next chooses who starts; empty if nobody is to
   */
  private void drive(Race race, Consumer<Runner> arrived, Supplier<Optional<Runner>> next)
      throws InterruptedException {
    Map<String, Runner> running = new HashMap<>();
    Map<String, Handle<Segment.Outcome>> handles = new LinkedHashMap<>();
    while (true) {
      while (handles.size() < parallel) {
        Optional<Runner> chosen = next.get();
        if (chosen.isEmpty()) {
          break;
        }
        Handle<Segment.Outcome> handle = race.start(chosen.get());
        running.put(handle.key(), chosen.get());
        handles.put(handle.key(), handle);
      }
      if (handles.isEmpty()) {
        return;
      }
      Handle<Segment.Outcome> done = job.any(new ArrayList<>(handles.values()));
      handles.remove(done.key());
      Runner runner = running.remove(done.key());
      race.finish(runner, done);
      arrived.accept(runner);
    }
  }

  /** Who has reached which rung, and who has gone on from there. */
  private final class Rungs {
    private final Race race;
    private final List<List<Runner>> reached = new ArrayList<>();
    private final List<List<Runner>> promoted = new ArrayList<>();

    Rungs(Race race) {
      this.race = race;
      for (int rung = 0; rung < race.rungs().size(); rung++) {
        reached.add(new ArrayList<>());
        promoted.add(new ArrayList<>());
      }
    }

    void arrived(Runner runner) {
      reached.get(runner.results().size() - 1).add(runner);
    }

    Optional<Runner> promotable() {
      for (int rung = race.rungs().size() - 2; rung >= 0; rung--) {
        int at = rung;
        List<Runner> here = reached.get(rung);
        Optional<Runner> best =
            here.stream()
                .filter(r -> r.diverged().isEmpty())
                .sorted(
                    Comparator.comparingDouble((Runner r) -> r.results().get(at).score())
                        .thenComparing(r -> r.trial().number()))
                .limit((long) Math.floor(keep * here.size() + 1e-9))
                .filter(r -> !promoted.get(at).contains(r))
                .findFirst();
        if (best.isPresent()) {
          promoted.get(rung).add(best.get());
          return best;
        }
      }
      return Optional.empty();
    }
  }
}
