#!/usr/bin/env bash
# What options of training cost and save: recomputation and bf16 on 1 worker, the second copy of the optimizer's state on 2.
# Each case is a new cluster of this machine; cases follow each other in turn, ROUNDS times. Medians of the steps behind the
# first five of all rounds, and the most memory that rank 0's process held. Needs python with torch and transformers, which make the model.
# usage: bench/training/options.sh [ROUNDS]     PYTHON=path/to/python     SHAPE="DIM LAYERS HEADS HIDDEN TOKENS BATCH STEPS"
set -euo pipefail
cd "$(dirname "$0")/../.."
rounds=${1:-3} python=${PYTHON:-python3}
read -r dim layers heads hidden tokens batch steps <<<"${SHAPE:-256 8 8 704 128 32 25}"
out=$(mktemp -d) cluster=
stop() {
  [ -z "$cluster" ] || { kill -TERM "$cluster" 2>/dev/null && wait "$cluster" || true; }
  cluster=
}
trap 'stop; rm -rf "$out"' EXIT
"$python" bench/training/prepare.py "$out/model" "$dim" "$layers" "$heads" "$hidden" 512 "$tokens" 2>/dev/null
./troupe --version >/dev/null # builds what has changed
troupe=dist/target/troupe/bin/troupe

# measure NAME WORKERS OPTION=VALUE...
measure() {
  local name=$1 workers=$2 set=()
  shift 2
  for option in "$@"; do set+=(--set "$option"); done
  rm -rf "$out/cluster"
  "$troupe" up --workers "$workers" --port 0 --dir "$out/cluster" >"$out/up.log" 2>&1 &
  cluster=$!
  until TROUPE_ADDRESS=$(grep -oE '127\.0\.0\.1:[0-9]+' "$out/up.log" | head -1) && [ -n "$TROUPE_ADDRESS" ] && export TROUPE_ADDRESS &&
    [ "$("$troupe" workers -o name 2>/dev/null | wc -l)" = "$workers" ]; do
    kill -0 "$cluster" || { cat "$out/up.log" >&2; exit 1; }
    sleep 0.2
  done
  "$troupe" run sft --id job -o json --set model="$out/model" --set data="$out/model/rows.jsonl" --set batch="$batch" \
    --set microBatches="$workers" --set steps="$steps" --set warmup=0 --set threads=1 --set workers="$workers" \
    --set minWorkers="$workers" --set checkpointEvery=1000000 "${set[@]}" >"$out/$name.$round.json"
  "$troupe" artifacts job --get metrics.jsonl -O "$out/$name.$round.jsonl" >/dev/null
  stop
}

for ((round = 1; round <= rounds; round++)); do
  for precision in fp32 bf16; do
    for recompute in false true; do measure "$precision-$recompute" 1 precision=$precision recompute=$recompute; done
  done
  for copy in false true; do measure "copy-$copy" 2 peerCopy=$copy; done
done

"$python" - "$out" "$rounds" <<'PY'
import json, statistics, sys
out, rounds = sys.argv[1], int(sys.argv[2])
def result(name, i):
    text = open(f"{out}/{name}.{i}.json").read()
    data = json.loads(text[text.index("{"):])
    return data.get("result", data)
def steps(name):
    return [json.loads(line) for i in range(rounds) for line in list(open(f"{out}/{name}.{i + 1}.jsonl"))[5:]]
def ms(name, *parts):
    return 1000 * statistics.median(sum(step[part] for part in parts) for step in steps(name))
def mib(name):
    return statistics.median(result(name, i + 1)["peakMemoryBytes"] for i in range(rounds)) / 2**20
print(f"{'1 worker':24} {'forward+backward':>17} {'step':>8} {'most memory':>12}")
for name in ("fp32-false", "fp32-true", "bf16-false", "bf16-true"):
    label = name.replace("-false", "").replace("-true", ", recompute")
    print(f"{label:24} {ms(name, 'forwardSeconds', 'backwardSeconds'):14.0f} ms {ms(name, 'seconds'):5.0f} ms {mib(name):8.0f} MiB")
print(f"{'2 workers':24} {'optimizer':>11} {'waiting':>11} {'step':>8} {'most memory':>12}")
for name in ("copy-false", "copy-true"):
    label = name.replace("copy-", "peerCopy=")
    print(f"{label:24} {ms(name, 'optimizerSeconds'):8.1f} ms {ms(name, 'waitSeconds', 'syncSeconds'):8.1f} ms {ms(name, 'seconds'):5.0f} ms {mib(name):8.0f} MiB")
PY
