#!/usr/bin/env bash
# A soak: fine-tuning on 2 workers (packing, bf16, sharded and copied optimizer, checkpoints behind the steps) for so many
# minutes, with the resident memory of every process (native and shared memory included) sampled into a CSV. Behind the warm-up
# and at the end each gives back what malloc holds free (jcmd System.trim_native_heap, JDK 17.0.9): what is left then is what
# the process holds. Fails if a process holds more than LIMIT MiB more at the end, if its mean of the last quarter is more than
# FREE_LIMIT above that of the first (free memory between tensors of uneven sizes, of which there is a little more each time
# that larger ones than before meet), or if training stood still. Needs python with torch and transformers, which make the model.
# usage: bench/soak/run.sh [MINUTES]     PYTHON=path/to/python   LIMIT=32   FREE_LIMIT=64   WARM_UP=seconds   CSV=file to keep
#        SHAPE="DIM LAYERS HEADS HIDDEN TOKENS BATCH"
set -euo pipefail
cd "$(dirname "$0")/../.."
minutes=${1:-30} python=${PYTHON:-python3} limit=${LIMIT:-32} free_limit=${FREE_LIMIT:-64} warm_up=${WARM_UP:-60}
read -r dim layers heads hidden tokens batch <<<"${SHAPE:-128 4 4 352 128 16}"
out=$(mktemp -d) csv=${CSV:-$out/memory.csv} cluster=
stop() {
  [ -z "$cluster" ] || { kill -TERM "$cluster" 2>/dev/null && wait "$cluster" || true; }
  rm -rf "$out"
}
trap stop EXIT

"$python" bench/training/prepare.py "$out/model" "$dim" "$layers" "$heads" "$hidden" 2000 "$tokens" 2>/dev/null
"$python" - "$out/model/rows.jsonl" <<'PY' # of uneven lengths, so that buffers of many sizes come and go
import json, random, sys
chance = random.Random(1)
rows = [json.loads(line) for line in open(sys.argv[1])]
with open(sys.argv[1], "w") as out:
    for row in rows:
        row["completion"] = row["completion"][: chance.randint(4, len(row["completion"]))]
        out.write(json.dumps(row) + "\n")
PY

export TROUPE_ADDRESS=127.0.0.1:$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
./troupe --version >/dev/null # builds what has changed
dist/target/troupe/bin/troupe up --workers 2 --port "${TROUPE_ADDRESS#*:}" --dir "$out/cluster" >"$out/up.log" 2>&1 &
cluster=$!
until ./troupe workers -o name 2>/dev/null | grep -q worker-2; do
  kill -0 "$cluster" || { cat "$out/up.log" >&2; exit 1; }
  sleep 1
done
job=$(./troupe submit sft -o name --set model="$out/model" --set data="$out/model/rows.jsonl" --set batch="$batch" \
  --set microBatches=4 --set precision=bf16 --set workers=2 --set minWorkers=2 --set steps=10000000 --set checkpointEvery=100)

done_steps() { ./troupe describe "$job" -o json | "$python" -c 'import json, sys; print(json.load(sys.stdin)["progress"]["done"])'; }

name_of() { tr '\0' '\n' <"/proc/$1/cmdline" | sed -n 's/^troupe.worker.id=//p' | grep . || echo coordinator; }
held() { # of each process, behind a trim, as "NAME MIB" lines
  for pid in $(pgrep -P "$cluster"); do
    jcmd "$pid" System.trim_native_heap >/dev/null
    echo "$(name_of "$pid") $(($(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$pid/status") / 1024))"
  done
}

echo "seconds,process,kib" >"$csv"
start=$SECONDS end=$((SECONDS + warm_up + 60 * minutes)) middle=
while ((SECONDS < end)); do
  for pid in $(pgrep -P "$cluster"); do
    rss=$(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$pid/status")
    echo "$((SECONDS - start)),$(name_of "$pid"),$rss" >>"$csv"
  done
  if [ -z "$middle" ] && ((SECONDS - start > warm_up)); then
    middle=$(done_steps)
    held >"$out/held-first"
  fi
  sleep 2
done
steps=$(done_steps)
held >"$out/held-last"
./troupe cancel "$job" >/dev/null

"$python" - "$csv" "$warm_up" "$limit" "$minutes" "$((steps - middle))" "$free_limit" "$out" <<'PY'
import collections, csv, statistics, sys
path, warm_up, limit, minutes, steps, free_limit = sys.argv[1], *map(float, sys.argv[2:7])
held = [{name: int(mib) for name, mib in map(str.split, open(f"{sys.argv[7]}/held-{when}"))} for when in ("first", "last")]
samples = collections.defaultdict(list)
for row in csv.DictReader(open(path)):
    if float(row["seconds"]) >= warm_up:
        samples[row["process"]].append((float(row["seconds"]) / 3600, int(row["kib"]) / 1024))
print(f"{steps:.0f} steps in {minutes:g} min, behind {warm_up:g} s of warm-up; resident memory, MiB:")
print(f"{'process':12} {'first quarter':>13} {'last quarter':>13} {'most':>8} {'a hour':>8} {'held, first':>12} {'last':>6}")
grown = []
for name, points in sorted(samples.items()):
    hours, mib = zip(*points)
    quarter = max(1, len(mib) // 4)
    first, last = statistics.fmean(mib[:quarter]), statistics.fmean(mib[-quarter:])
    slope = statistics.linear_regression(hours, mib).slope if len(set(hours)) > 1 else 0
    print(f"{name:12} {first:13.1f} {last:13.1f} {max(mib):8.1f} {slope:+8.1f} {held[0][name]:12} {held[1][name]:6}")
    if held[1][name] - held[0][name] > limit:
        grown.append(f"{name} holds {held[1][name] - held[0][name]} MiB more (expected: at most LIMIT, {limit:g})")
    if last - first > free_limit:
        grown.append(f"{name} has grown by {last - first:.1f} MiB (expected: at most FREE_LIMIT, {free_limit:g})")
if len(samples) != 3:
    grown.append(f"processes: {sorted(samples)} (expected: coordinator, worker-1, worker-2)")
if steps <= 0:
    grown.append("no step was done")
sys.exit("; ".join(grown) or None)
PY
