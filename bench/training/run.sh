#!/usr/bin/env bash
# Training throughput of the same Llama, rows, batch, optimizer and threads, 2 workers: Troupe against PyTorch DDP with
# Gloo, in turn; every step counts, the first included. Needs python with torch, transformers.
# usage: bench/training/run.sh [ROUNDS]     PYTHON=path/to/python     SHAPE="DIM LAYERS HEADS HIDDEN TOKENS BATCH STEPS"
set -euo pipefail
cd "$(dirname "$0")/../.."
rounds=${1:-3} python=${PYTHON:-python3} ranks=2 threads=1 rate=1e-4
read -r dim layers heads hidden tokens batch steps <<<"${SHAPE:-256 8 8 704 128 32 40}"
[ -x "$python" ] || python=$(command -v "$python")
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
"$python" bench/training/prepare.py "$out/model" "$dim" "$layers" "$heads" "$hidden" 512 "$tokens"
for ((i = 1; i <= rounds; i++)); do
  ./troupe run --local "$ranks" sft -o json --set model="$out/model" --set data="$out/model/rows.jsonl" \
    --set batch="$batch" --set microBatches="$ranks" --set steps="$steps" --set learningRate="$rate" --set warmup=0 \
    --set threads="$threads" --set workers="$ranks" --set minWorkers="$ranks" --set checkpointEvery=1000000 >"$out/troupe.$i"
  "$(dirname "$python")/torchrun" --nproc-per-node "$ranks" bench/peers/train_ddp.py "$out/model" "$batch" "$steps" "$rate" \
    "$threads" >"$out/ddp.$i" 2>"$out/ddp.$i.err"
done
"$python" - "$out" "$rounds" <<'PY'
import json, statistics, sys
out, rounds = sys.argv[1], int(sys.argv[2])
def load(name, i):
    text = open(f"{out}/{name}.{i}").read()
    data = json.loads(text[text.index("{"):])
    return data.get("result", data)
ours, theirs = [[load(n, i + 1) for i in range(rounds)] for n in ("troupe", "ddp")]
ratios = [a["tokensPerSecond"] / b["tokensPerSecond"] for a, b in zip(ours, theirs)]
print(f"tokens/s: troupe {statistics.median(a['tokensPerSecond'] for a in ours):.0f}, "
      f"ddp {statistics.median(b['tokensPerSecond'] for b in theirs):.0f}, "
      f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
print(f"loss, first and last step: troupe {ours[0]['lossFirst']:.4f} {ours[0]['lossLast']:.4f}, "
      f"ddp {theirs[0]['lossFirst']:.4f} {theirs[0]['lossLast']:.4f}")
PY
