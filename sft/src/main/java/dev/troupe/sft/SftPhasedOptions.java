package dev.troupe.sft;

import dev.troupe.core.options.Above;
import dev.troupe.core.options.Default;
import dev.troupe.core.options.Doc;
import dev.troupe.core.options.FilePath;
import dev.troupe.core.options.Max;
import dev.troupe.core.options.Min;
import java.util.List;
import java.util.Optional;

/** What {@code troupe run sft-phased} takes. */
public record SftPhasedOptions(
    @Doc("model to start from, as in sft") @FilePath String model,
    @Doc(
            "the phases in their order, FILE[+FILE...][@NAME=VALUE...]: files beside the first, and"
                + " learningRate, batch, epochs or replay of the phase alone, as in"
                + " knowledge.jsonl+more.jsonl@batch=128,skills.jsonl@replay=0.1")
        @FilePath
        List<String> phases,
    @Doc("files of held-out rows, whose loss chooses the best checkpoint of a phase") @FilePath
        List<String> evalData,
    @Doc("part of the rows of earlier phases that an epoch of a later one takes along")
        @Default("0")
        @Min(0)
        @Max(1)
        double replay,
    @Doc("checkpoints of a phase that are measured") @Default("4") @Min(1) @Max(1000)
        int candidates,
    @Doc("passes over a phase's data") @Default("1") @Above(0) double epochs,
    @Doc("settings of all phases, as in sft") Optional<Recipe> recipe,
    @Doc("rows an optimizer step; if not given, the recipe's, 64 without one") @Min(1)
        Optional<Integer> batch,
    @Doc("peak learning rate; if not given, the recipe's, 2e-5 without one") @Above(0)
        Optional<Double> learningRate,
    @Doc("its course in each phase; if not given, the recipe's, constant without one")
        Optional<SftOptions.Decay> schedule,
    @Doc("steps of warm-up in each phase; if not given, the recipe's, 10 without one") @Min(0)
        Optional<Integer> warmup,
    @Doc("pieces that a batch is cut into, as in sft") @Default("8") @Min(1) @Max(4096)
        int microBatches,
    @Doc("weight decay of matrices") @Default("0") @Min(0) double weightDecay,
    @Doc("largest norm of the gradient, 0 for no limit") @Default("1") @Min(0) double clip,
    @Doc("of the order of the rows") @Default("42") long seed,
    @Doc("most tokens of a row; if not given, the model's context") @Min(2)
        Optional<Integer> maxLength,
    @Doc("what to do with a longer row") @Default("error") SftOptions.TooLong tooLong,
    @Doc("threads a worker computes with") @Default("1") @Min(1) @Max(256) int threads,
    @Doc("most workers; if not given, as many as are free, up to microBatches") @Min(1)
        Optional<Integer> workers,
    @Doc("steps between checkpoints") @Default("50") @Min(1) int checkpointEvery,
    @Doc("new folder that gets the model, on the worker that writes it") @FilePath
        Optional<String> out) {}
