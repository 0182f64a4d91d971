#!/usr/bin/env bash
# A back-test of a million priced quotes, on one and on two workers: wall time of the whole job, and whether prices have the same bits.
# usage: bench/pricing/backtest.sh DATA    the folder with spx-impl-vol-surface and treasury-yields
set -euo pipefail
cd "$(dirname "$0")/../.."
data=$(realpath "$1")
./troupe --version >/dev/null # builds
for workers in 1 2; do
  begin=$(date +%s.%N)
  ./troupe run --local $workers backtest -o json \
    --set data="$data/spx-impl-vol-surface/spx_implied_vol_surface.csv.gz" --set rates="$data/treasury-yields/ust.csv.gz" \
    --set dividend=0.018 --set maxDays=1000 --set horizons=1,2,3,4,5,6,7,8 \
    --set models=black-scholes,black-scholes-realised,heston,heston-vasicek 2>/dev/null |
    python3 -c '
import json, sys, time
workers, begin = sys.argv[1], float(sys.argv[2])
result = json.load(sys.stdin)
seconds = time.time() - begin
priced, sha256 = result["priced"], result["pricesSha256"][:16]
print(f"{workers} worker(s): {priced:,} priced quotes, {seconds:.1f} s with the start of the cluster, {priced / seconds:,.0f}/s, SHA-256 {sha256}")
' $workers "$begin"
done
