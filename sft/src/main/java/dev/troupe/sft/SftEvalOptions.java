package dev.troupe.sft;

import dev.troupe.core.options.Default;
import dev.troupe.core.options.Doc;
import dev.troupe.core.options.FilePath;
import dev.troupe.core.options.Max;
import dev.troupe.core.options.Min;
import java.util.List;
import java.util.Optional;

/** What {@code troupe run sft-eval} takes. */
public record SftEvalOptions(
    @Doc("model to evaluate: a Hugging Face folder, or hf:ORG/NAME[@revision] of the hub") @FilePath
        String model,
    @Doc(
            "files of rows, of .jsonl, .json (an array, too), .csv, .tsv (also .gz) or .parquet; for"
                + " loss as in sft, for choice as ARC, OpenBookQA, MMLU, BoolQ and LLM-Adapters"
                + " write them, for gsm8k question and answer")
        @FilePath
        List<String> data,
    @Doc(
            "what is measured: loss and perplexity; accuracy in multiple choice by log-likelihood;"
                + " exact matches of generated answers")
        Kind kind,
    @Doc("only the first rows of each file; all if not given") @Min(1) Optional<Integer> limit,
    @Doc(
            "solved examples before each question, drawn anew for each from shotsData as"
                + " lm-evaluation-harness does; the first of its subject for MMLU")
        @Default("0")
        @Min(0)
        @Max(64)
        int shots,
    @Doc("file of rows to take them from, of the same subject where rows have one") @FilePath
        Optional<String> shotsData,
    @Doc("of the draw") @Default("1234") long shotsSeed,
    @Doc(
            "how choices are put: text (each as an answer to the bare question), listed (below the"
                + " question, their letters as answers), auto (as the rows' authors and"
                + " lm-evaluation-harness do)")
        @Default("auto")
        Ask ask,
    @Doc("whether questions are put by the model's chat template") @Default("false") boolean chat,
    @Doc("most tokens of a generated answer") @Default("256") @Min(1) @Max(65536) int maxNewTokens,
    @Doc("rows a task") @Default("32") @Min(1) @Max(10_000) int rowsPerTask,
    @Doc("threads a worker computes with") @Default("1") @Min(1) @Max(256) int threads) {

  /** What is measured. */
  public enum Kind {
    /** Mean negative log-likelihood of what is to be learned, and its exponential. */
    LOSS,
    /** Whether the likeliest of the given answers is the right one. */
    CHOICE,
    /** Whether a generated answer ends in the right number. */
    GSM8K
  }

  /** How choices are put before the model. */
  public enum Ask {
    AUTO,
    TEXT,
    LISTED
  }
}
