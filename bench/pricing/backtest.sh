#!/usr/bin/env bash
# A back-test of a million priced quotes, on one and on two workers: wall time of the whole job, and whether prices have the same bits;
# then what the tasks' times say of more workers, by simulation (scaling.py).
# usage: bench/pricing/backtest.sh DATA OUT [OPTION=VALUE...]
#   DATA  the folder with spx-impl-vol-surface and treasury-yields
#   OUT   gets what the tasks of each run took (times1.csv, times2.csv)
set -euo pipefail
cd "$(dirname "$0")/../.."
data=$(realpath "$1")
mkdir -p "$2"
out=$(realpath "$2")
shift 2
set=(data="$data/spx-impl-vol-surface/spx_implied_vol_surface.csv.gz" rates="$data/treasury-yields/ust.csv.gz" dividend=0.018 maxDays=1000
  horizons=1,2,3,4,5,6,7,8 models=black-scholes,black-scholes-realised,heston,heston-vasicek "$@")
options=()
for option in "${set[@]}"; do options+=(--set "$option"); done
./troupe --version >/dev/null # builds
troupe=dist/target/troupe/bin/troupe
state=$(mktemp -d)
export TROUPE_CONTEXT=$state/context.yaml
up=
cleanup() {
  if [ -n "$up" ]; then
    kill "$up" 2>/dev/null || true
    wait "$up" 2>/dev/null || true
  fi
}
trap 'cleanup; rm -rf "$state"' EXIT
for workers in 1 2; do
  "$troupe" up --workers $workers --port 0 --dir "$state/troupe$workers" >"$state/up.log" 2>&1 &
  up=$!
  until address=$(grep -oE '127\.0\.0\.1:[0-9]+' "$state/up.log" | head -1) && [ -n "$address" ] &&
    "$troupe" jobs --address "$address" >/dev/null 2>&1; do sleep 0.2; done
  export TROUPE_ADDRESS=$address
  begin=$(date +%s.%N)
  "$troupe" run backtest --id million "${options[@]}" -o json 2>"$state/progress" >"$state/result.json"
  python3 - $workers "$begin" "$state/result.json" <<'PY'
import json, sys, time
workers, begin = sys.argv[1], float(sys.argv[2])
seconds = time.time() - begin
result = json.load(open(sys.argv[3]))
priced, sha256 = result["priced"], result["pricesSha256"][:16]
print(f"{workers} worker(s): {priced:,} priced quotes, {seconds:.1f} s from submit to result, {priced / seconds:,.0f}/s, SHA-256 {sha256}")
PY
  sed -nE '/ in [0-9.]+(s|m)/p' "$state/progress"
  "$troupe" artifacts million --get times.csv -O "$out/times$workers.csv" >/dev/null
  cleanup
  up=
done
echo "simulated, from the times of the run on one worker:"
python3 bench/pricing/scaling.py "$out/times1.csv"
