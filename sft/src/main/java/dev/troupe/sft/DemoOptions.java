package dev.troupe.sft;

import dev.troupe.core.options.Above;
import dev.troupe.core.options.Default;
import dev.troupe.core.options.Doc;
import dev.troupe.core.options.Max;
import dev.troupe.core.options.Min;

/** What {@code troupe run demo} takes. The result does not depend on {@code workers}. */
public record DemoOptions(
    @Doc("of the data, the first weights and the order of the rows") @Default("7") long seed,
    @Doc("most workers that train together; more than 4 have no part in it") @Default("2") @Min(1)
        int workers,
    @Doc("optimizer steps") @Default("400") @Min(1) @Max(100_000) int steps,
    @Doc("rows an optimizer step, over all workers") @Default("64") @Min(8) @Max(4096) int batch,
    @Doc("peak learning rate") @Default("3e-3") @Above(0) double learningRate,
    @Doc("steps between checkpoints") @Default("20") @Min(1) int checkpointEvery) {}
