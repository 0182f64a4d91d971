package dev.troupe.sft.internal.sweep;

import dev.troupe.sft.SftSweepOptions;

/** Decides which trials go on to the next rung, and takes them there. */
interface SweepPolicy {

  /** Runs all trials, as far as they go. */
  void run(Race race) throws InterruptedException;

  static SweepPolicy of(dev.troupe.core.JobContext job, SftSweepOptions options) {
    boolean enforce = options.stop() == SftSweepOptions.Stop.ENFORCE;
    return switch (options.policy()) {
      case INDICATORS -> new EarlyIndicators(options.keep(), enforce);
      case HALVING -> new AsyncHalving(job, options.keep(), enforce, options.parallel());
    };
  }
}
