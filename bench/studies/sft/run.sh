#!/usr/bin/env bash
# The experiments of docs/studies/sft.md, each with several seeds; then their tables. The model is a Llama of 7.5M parameters that
# is trained on T0's text on the spot (part base, some ten minutes), or MODEL=stories, one of 260,000 that was trained before.
# usage: bench/studies/sft/run.sh DATA OUT [PART...]     parts: base batches schedules phases (all four if none is named) longer smollm2
# DATA: the folder with stories260K, gsm8k, llm-adapters and t0-train-50k. WORKERS=2, as many as there are cores.
# PYTHON: one with torch and transformers; any will do for MODEL=stories.
# The part smollm2 needs SMOLLM2, the folder of SmolLM2-135M-Instruct, and 8 GiB of memory.
set -euo pipefail
cd "$(dirname "$0")/../../.."
data=$1 out=$(realpath -m "$2") workers=${WORKERS:-2} troupe=${TROUPE:-./troupe} model=${MODEL:-random} python=${PYTHON:-python3}
shift 2
parts=${*:-base batches schedules phases}
[ "$model" = random ] || [ "$model" = stories ] || { echo "MODEL: $model (expected: random or stories)" >&2; exit 2; }
mkdir -p "$out"
"$python" bench/studies/sft/prepare.py "$data" "$out" "$model"
common=(--set model="$out/model" --set tooLong=drop --set microBatches=2)

# The model of the comparisons: from random weights, on text.
base() {
  [ "$model" = random ] || return 0
  "$troupe" run --local "$workers" sft -o json --set model="$out/random" --set data="$out/text.jsonl" --set tooLong=drop \
    --set evalData="$out/held-out.jsonl" --set batch=64 --set microBatches="$workers" --set steps="${BASE_STEPS:-600}" \
    --set learningRate=1e-3 --set warmup=30 --set schedule=linear --set workers="$workers" --set out="$out/model" >"$out/base.json"
}

# Large batch with low learning rate against small batch, and the early indicators: all run to the end.
batches() {
  "$troupe" run --local "$workers" sft-sweep -o json "${common[@]}" --set data="$out/gsm8k.jsonl" \
    --set evalData="$out/gsm8k-held-out.jsonl" --set samples=1024 --set batches=8,32,128 --set learningRates=3e-4,1e-3,3e-3 \
    --set seeds=1,2 --set rungs=0.125,0.25,0.5 --set stop=advise >"$out/batches.json"
}

# The same with four times the samples: do large batches overtake?
longer() {
  "$troupe" run --local "$workers" sft-sweep -o json "${common[@]}" --set data="$out/gsm8k.jsonl" \
    --set evalData="$out/gsm8k-held-out.jsonl" --set samples=4096 --set batches=8,32,128 --set learningRates=3e-4,1e-3,3e-3 \
    --set seeds=1 --set rungs=0.125,0.25,0.5 --set stop=advise >"$out/longer.json"
}

# Constant against cosine, with and without warm-up.
schedules() {
  "$troupe" run --local "$workers" sft-sweep -o json "${common[@]}" --set data="$out/gsm8k.jsonl" \
    --set evalData="$out/gsm8k-held-out.jsonl" --set samples=320 --set batches=16 --set learningRates=1e-3 \
    --set schedules=constant,cosine --set warmups=0,3 --set seeds=1,2 --set rungs=0.5 --set stop=advise >"$out/schedules.json"
}

# All data at once against one set after the other, a tenth of the first replayed. The best of four checkpoints each.
phases() {
  for seed in 1 2; do
    for kind in stacked phased; do
      plan="$out/t0.jsonl+gsm8k.jsonl"
      [ "$kind" = stacked ] || plan="$out/t0.jsonl,$out/gsm8k.jsonl@replay=0.1"
      "$troupe" run --local "$workers" sft-phased -o json "${common[@]}" --set phases="$plan" --set evalData="$out/held-out.jsonl" \
        --set batch=16 --set epochs=0.25 --set learningRate=1e-3 --set warmup=0 --set workers="$workers" --set seed="$seed" >"$out/$kind.$seed.json"
    done
  done
}

# A real model: what a few hundred rows change, on held-out rows and on benchmarks.
smollm2() {
  tasks="$data/llm-adapters/ARC-Easy/test.json.gz@kind=choice@ask=text@limit=100"
  tasks="$tasks,$data/gsm8k/test.jsonl@kind=gsm8k@limit=32@maxNewTokens=128@rowsPerTask=16"
  "$troupe" run --local "$workers" sft -o json --set model="${SMOLLM2:?}" --set data="$out/gsm8k.jsonl" \
    --set evalData="$out/gsm8k-held-out.jsonl" --set evalEvery=4 --set precision=bf16 --set batch=16 --set microBatches=4 --set steps=16 \
    --set learningRate=1e-4 --set warmup=2 --set workers="$workers" --set evalTasks="$tasks" >"$out/smollm2.json"
}

for part in $parts; do
  SECONDS=0
  "$part"
  echo "$part: $SECONDS s"
done
python3 bench/studies/sft/tables.py "$out"
