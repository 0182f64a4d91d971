#!/usr/bin/env bash
# Fine-tuning throughput and memory on rows of uneven lengths, or of one (a number in place of a file): Troupe against TRL's
# SFTTrainer, same model, rows, batch, optimizer, precision and threads, in turn; every step counts, the first included. Needs
# python with torch, transformers, trl.
# usage: bench/training/trl.sh ROWS.jsonl[.gz]|TOKENS [ROUNDS]     PYTHON=path/to/python   RANKS=2   PRECISION=fp32|bf16
#        SHAPE="DIM LAYERS HEADS HIDDEN VOCAB MOST BATCH ROWS_A_PASS STEPS"
set -euo pipefail
cd "$(dirname "$0")/../.."
data=${1:?rows of question and answer} rounds=${2:-3}
python=${PYTHON:-python3} ranks=${RANKS:-2} precision=${PRECISION:-fp32} threads=1 rate=1e-4
read -r dim layers heads hidden vocab most batch pass steps <<<"${SHAPE:-256 8 8 704 4096 512 32 8 10}"
[ -x "$python" ] || python=$(command -v "$python")
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
case $data in
  *[!0-9]*) "$python" bench/training/prepare_text.py "$out/model" "$data" "$dim" "$layers" "$heads" "$hidden" "$vocab" "$most" ;;
  *) "$python" bench/training/prepare.py "$out/model" "$dim" "$layers" "$heads" "$hidden" 512 "$data" ;;
esac
for ((i = 1; i <= rounds; i++)); do
  ./troupe run --local "$ranks" sft -o json --set model="$out/model" --set data="$out/model/rows.jsonl" \
    --set batch="$batch" --set microBatches="$((batch / pass))" --set steps="$steps" --set learningRate="$rate" --set warmup=0 \
    --set precision="$precision" --set threads="$threads" --set workers="$ranks" --set minWorkers="$ranks" \
    --set checkpointEvery=1000000 >"$out/troupe.$i"
  HF_HUB_OFFLINE=1 HF_DATASETS_CACHE="$out/cache" "$(dirname "$python")/torchrun" --nproc-per-node "$ranks" \
    bench/peers/train_trl.py "$out/model" "$batch" "$pass" "$steps" "$rate" "$threads" "$precision" \
    >"$out/trl.$i" 2>"$out/trl.$i.err" || { tail -n 20 "$out/trl.$i.err" >&2; exit 1; }
done
"$python" - "$out" "$rounds" "$ranks ranks, $precision" <<'PY'
import json, statistics, sys
out, rounds, what = sys.argv[1], int(sys.argv[2]), sys.argv[3]
def load(name, i):
    text = open(f"{out}/{name}.{i}").read()
    data = json.loads([line for line in text.splitlines() if line.startswith("{\"")][-1]) if name == "trl" else json.loads(text[text.index("{"):])
    return data.get("result", data)
ours, theirs = [[load(n, i + 1) for i in range(rounds)] for n in ("troupe", "trl")]
middle = lambda side, key: statistics.median(run[key] for run in side)
ratios = [a["tokensPerSecond"] / b["tokensPerSecond"] for a, b in zip(ours, theirs)]
print(f"{what}: tokens/s: troupe {middle(ours, 'tokensPerSecond'):.0f}, trl {middle(theirs, 'tokensPerSecond'):.0f}, "
      f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
print(f"most memory of rank 0's process, MiB: troupe {middle(ours, 'peakMemoryBytes') / 2**20:.0f}, "
      f"trl {middle(theirs, 'peakMemoryBytes') / 2**20:.0f}")
print(f"loss, first and last step: troupe {ours[0]['lossFirst']:.4f} {ours[0]['lossLast']:.4f}, "
      f"trl {theirs[0]['lossFirst']:.4f} {theirs[0]['lossLast']:.4f}")
PY
