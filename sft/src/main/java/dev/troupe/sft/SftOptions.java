package dev.troupe.sft;

import dev.troupe.core.options.Above;
import dev.troupe.core.options.Default;
import dev.troupe.core.options.Doc;
import dev.troupe.core.options.FilePath;
import dev.troupe.core.options.Max;
import dev.troupe.core.options.Min;
import dev.troupe.lm.Precision;
import java.util.List;
import java.util.Optional;

/**
 * What {@code troupe run sft} takes. The weights that come out depend on all of these except {@code
 * recompute}, {@code shardOptimizer}, {@code peerCopy}, {@code workers}, {@code minWorkers}, {@code
 * checkpointEvery}, {@code evalData}, {@code evalEvery}, {@code evalTasks}, {@code exportEvery},
 * {@code exportAt} and {@code out}.
 */
public record SftOptions(
    @Doc(
            "model to start from: a folder with config.json, safetensors, tokenizer.json, or hf:ORG/NAME[@revision] of the hub")
        @FilePath
        String model,
    @Doc(
            "files of rows, FILE or FILE:WEIGHT (2: each row twice an epoch, 0.5: every second"
                + " epoch), of .jsonl, .csv, .tsv (also .gz) or .parquet; a row has messages, or"
                + " prompt and completion, or question and answer, or text")
        @FilePath
        List<String> data,
    @Doc("files of held-out rows, whose loss is measured before and after") @Default("") @FilePath
        List<String> evalData,
    @Doc("part of data that is held out for the same") @Default("0") @Min(0) @Max(0.5)
        double evalFraction,
    @Doc(
            "steps between measurements of the held-out loss, as lines of eval.jsonl; 0: before and"
                + " after alone")
        @Default("0")
        @Min(0)
        int evalEvery,
    @Doc(
            "benchmarks that the model is put to before training, after it, and at each exported step,"
                + " FILE@kind=KIND[@NAME=VALUE...]: options of sft-eval, shotsData beside FILE, as in"
                + " arc.jsonl@kind=choice@limit=200,test.jsonl@kind=gsm8k@shots=5@shotsData=train.jsonl")
        @Default("")
        @FilePath
        List<String> evalTasks,
    @Doc("optimizer steps; if not given, as many as epochs need") @Min(1) Optional<Integer> steps,
    @Doc("passes over the data, if steps is not given") @Default("1") @Above(0) double epochs,
    @Doc(
            "published settings where none are given: lab (batch 3840, constant learning rate, no"
                + " warm-up), tulu (batch 128, linear decay after 3 % of the steps as warm-up); both"
                + " 2e-5, times sqrt(batch / the recipe's) if batch is given")
        Optional<Recipe> recipe,
    @Doc("rows an optimizer step, over all workers; if not given, the recipe's, 64 without one")
        @Min(1)
        Optional<Integer> batch,
    @Doc(
            "pieces that a batch is cut into; bounds the workers, and is part of what the result"
                + " depends on")
        @Default("8")
        @Min(1)
        @Max(4096)
        int microBatches,
    @Doc(
            "whether rows go through the model one behind the other, without padding (none sees another); false pads the rows of a piece to one length")
        @Default("true")
        boolean packing,
    @Doc(
            "fp32, or bf16: products of rounded values, while weights, gradients and optimizer stay fp32; quicker on processors that multiply bf16 (AVX512-BF16, AMX), slower on others")
        @Default("fp32")
        Precision precision,
    @Doc(
            "whether to keep the inputs of layers only and compute what lies between once more on the way back: less memory, more time, the same result")
        @Default("false")
        boolean recompute,
    @Doc(
            "whether each worker holds and updates only its part of the optimizer's state (ZeRO-1); false holds all of it on each")
        @Default("true")
        boolean shardOptimizer,
    @Doc(
            "whether a second worker holds each part of the optimizer's state too, so that a lost worker costs the step under way at most; false needs less memory, and then the steps since the last checkpoint are lost")
        @Default("true")
        boolean peerCopy,
    @Doc("peak learning rate; if not given, the recipe's, 2e-5 without one") @Above(0)
        Optional<Double> learningRate,
    @Doc(
            "how the learning rate goes on after warmup; if not given, the recipe's, constant without"
                + " one")
        Optional<Decay> schedule,
    @Doc(
            "steps over which the learning rate rises to its peak; if not given, the recipe's, 10"
                + " without one")
        @Min(0)
        Optional<Integer> warmup,
    @Doc("weight decay of matrices") @Default("0") @Min(0) double weightDecay,
    @Doc("largest norm of the gradient, 0 for no limit") @Default("1") @Min(0) double clip,
    @Doc("of the order of the rows") @Default("42") long seed,
    @Doc("most tokens of a row; if not given, the model's context") @Min(2)
        Optional<Integer> maxLength,
    @Doc("what to do with a longer row; a text is cut into several in any case") @Default("error")
        TooLong tooLong,
    @Doc("threads a worker computes with; part of what the result depends on")
        @Default("1")
        @Min(1)
        @Max(256)
        int threads,
    @Doc("most workers; if not given, as many as are free, up to microBatches") @Min(1)
        Optional<Integer> workers,
    @Doc("fewest workers to start or go on with") @Default("1") @Min(1) int minWorkers,
    @Doc("steps between checkpoints") @Default("50") @Min(1) int checkpointEvery,
    @Doc(
            "steps between exports of the model as it is then, to step-N in the artifacts and below out; 0 for none")
        @Default("0")
        @Min(0)
        int exportEvery,
    @Doc("further steps at which it is exported, as in 100,250") @Default("") @Min(1)
        List<Integer> exportAt,
    @Doc(
            "decay of a moving average of the weights, such as 0.999, which is exported as well, to ema; 0 for none")
        @Default("0")
        @Min(0)
        @Max(0.999999)
        double ema,
    @Doc(
            "rank of low-rank adapters (LoRA), which are trained in place of the matrices and merged into what is exported; 0 for none")
        @Default("0")
        @Min(0)
        @Max(1024)
        int loraRank,
    @Doc("the adapters' product counts loraAlpha / loraRank; if not given, 2 loraRank") @Above(0)
        Optional<Double> loraAlpha,
    @Doc(
            "modules of the layers that get adapters, as in q_proj,v_proj; if empty, all matrices of the layers")
        @Default("")
        List<String> loraTargets,
    @Doc("new folder that gets the fine-tuned model, on the worker of rank 0") @FilePath
        Optional<String> out,
    @Doc(
            "only show so many rows as the model would get them, what is learned between ⟦ and ⟧,"
                + " and train nothing")
        @Default("0")
        @Min(0)
        @Max(20)
        int preview) {

  /** Rows an optimizer step: what is given, or the recipe's. */
  public int batchRows() {
    return batch.orElseGet(() -> recipe.map(Recipe::batch).orElse(64));
  }

  /** The peak of the learning rate: what is given, or the recipe's for this batch. */
  public double peakRate() {
    return learningRate.orElseGet(() -> recipe.map(r -> r.rate(batchRows())).orElse(2e-5));
  }

  /** The course of the learning rate: what is given, or the recipe's. */
  public Decay decay() {
    return schedule.orElseGet(() -> recipe.map(Recipe::decay).orElse(Decay.CONSTANT));
  }

  /** Steps of warm-up in a run of so many steps: what is given, or the recipe's. */
  public int warmupSteps(long steps) {
    return warmup.orElseGet(() -> recipe.map(r -> r.warmup(steps)).orElse(10));
  }

  /** The course of the learning rate after its warm-up. */
  public enum Decay {
    CONSTANT,
    LINEAR,
    COSINE
  }

  /** What to do with a row that has more tokens than the limit. */
  public enum TooLong {
    ERROR,
    DROP
  }
}
