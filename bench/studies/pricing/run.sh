#!/usr/bin/env bash
# What docs/studies/pricing.md says: three back-tests on real data, on a cluster of two workers of this machine.
# usage: bench/studies/pricing/run.sh DATA OUT
#   DATA  the folder with spx-impl-vol-surface, lean-options and treasury-yields
#   OUT   gets a table (.txt), a result (.json), a report (.html) and what tasks took (.times.csv) of each
set -euo pipefail
cd "$(dirname "$0")/../../.."
data=$(realpath "$1")
mkdir -p "$2"
out=$(realpath "$2")
state=$(mktemp -d)
./troupe --version >/dev/null # builds
troupe=dist/target/troupe/bin/troupe
export TROUPE_CONTEXT=$state/context.yaml
"$troupe" up --workers 2 --port 0 --dir "$state/troupe" >"$state/up.log" 2>&1 &
up=$!
cleanup() {
  kill "$up" 2>/dev/null || true
  wait "$up" 2>/dev/null || true
  rm -rf "$state"
}
trap cleanup EXIT
until address=$(grep -oE '127\.0\.0\.1:[0-9]+' "$state/up.log" | head -1) && [ -n "$address" ] &&
  "$troupe" jobs --address "$address" >/dev/null 2>&1; do sleep 0.2; done
export TROUPE_ADDRESS=$address

# backtest NAME OPTION=VALUE...
backtest() {
  local name=$1 begin=$SECONDS set=()
  shift
  for option in "$@"; do set+=(--set "$option"); done
  "$troupe" run backtest --id "$name" "${set[@]}" --set rates="$data/treasury-yields/ust.csv.gz" -o json >"$out/$name.json"
  "$troupe" artifacts "$name" --get report.html -O "$out/$name.html"
  "$troupe" artifacts "$name" --get times.csv -O "$out/$name.times.csv"
  python3 -c 'import json, sys; print(json.load(sys.stdin)["table"])' <"$out/$name.json" >"$out/$name.txt"
  echo "$name: $((SECONDS - begin)) s"
  cat "$out/$name.txt"
}

spx=(data="$data/spx-impl-vol-surface/spx_implied_vol_surface.csv.gz" dividend=0.018 maxDays=1000)

# Calm to crisis: all models; networks are trained anew every 90 days, and never on the last tenth.
backtest spx "${spx[@]}" holdout=0.1 periods=2007-07-01,2008-09-01 trainTimes=120 retrain=90 epochs=15 \
  models=black-scholes,black-scholes-realised,heston,heston-vasicek,lstm,hybrid

# How much a wrong parameter costs.
backtest spx-wrong "${spx[@]}" holdout=0 horizons=1 stride=10 models=black-scholes,heston-vasicek \
  scenarios='base,vol*1.1,v0*1.21,kappa*1.1,theta*1.21,sigma*1.1,rho*0.9,rate-vol*1.1'

# Two days of all GOOG options by the hour, whose early rights the finite differences price.
backtest goog data="$data/lean-options/option_hour_GOOG_2015.csv.gz" window=4 horizons=1,3 holdout=0 maxDays=800 exercise=american \
  models=black-scholes,black-scholes-realised,heston,heston-vasicek
