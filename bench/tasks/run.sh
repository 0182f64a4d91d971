#!/usr/bin/env bash
# 20,000 empty tasks and the round trip of one, Troupe against Ray, two workers each, in turn. Needs python with ray.
# usage: bench/tasks/run.sh [ROUNDS]     PYTHON=path/to/python with ray
set -euo pipefail
cd "$(dirname "$0")/../.."
rounds=${1:-3} tasks=20000 trips=1000 python=${PYTHON:-python3}
./troupe --version >/dev/null # builds
cp bench/target/bench-*.jar dist/target/troupe/workloads/
out=$(mktemp -d)
for ((i = 1; i <= rounds; i++)); do
  ./troupe run --local 2 bench-tasks --set tasks=$tasks --set warmup=$tasks --set roundTrips=$trips -o json >"$out/troupe.$i"
  "$python" bench/peers/ray_tasks.py $tasks $trips >"$out/ray.$i" 2>"$out/ray.$i.err"
done
"$python" - "$out" "$rounds" <<'PY'
import json, statistics, sys
out, rounds = sys.argv[1], int(sys.argv[2])
def load(name, i):
    text = open(f"{out}/{name}.{i}").read()
    data = json.loads(text[text.index("{"):])
    return data.get("result", data)
ours, rays = [[load(n, i + 1) for i in range(rounds)] for n in ("troupe", "ray")]
for key, better in (("tasksPerSecond", 1), ("roundTripMillisMedian", -1), ("roundTripMillisP99", -1)):
    ratios = [(a[key] / b[key]) ** better for a, b in zip(ours, rays)]
    print(f"{key}: troupe {statistics.median(a[key] for a in ours):.3g}, ray {statistics.median(b[key] for b in rays):.3g}, "
          f"times better {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
PY
