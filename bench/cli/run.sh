#!/usr/bin/env bash
# The command line against a running cluster, whole processes, Troupe against Ray, in turn:
#   list:  `troupe jobs`                          against `ray job list`
#   first: submit until the first line of its log  against `ray job submit`
# usage: bench/cli/run.sh [ROUNDS]     RAY=path/to/ray (with ray[default])
set -euo pipefail
cd "$(dirname "$0")/../.."
rounds=${1:-5} ray=${RAY:-ray} state=$(mktemp -d)
./troupe --version >/dev/null # builds
cp bench/target/bench-*.jar dist/target/troupe/workloads/
troupe=dist/target/troupe/bin/troupe
# Ray 2.60 asks for a token unless told not to.
export RAY_AUTH_MODE=disabled

cleanup() {
  kill "$up" 2>/dev/null || true
  "$ray" stop >/dev/null 2>&1 || true
  rm -rf "$state"
}
trap cleanup EXIT
export TROUPE_CONTEXT=$state/context.yaml
"$troupe" up --workers 2 --port 0 --dir "$state/troupe" >"$state/up.log" 2>&1 &
up=$!
"$ray" start --head --num-cpus 2 --port 0 --dashboard-host 127.0.0.1 >"$state/ray.log" 2>&1
until address=$(grep -oE '127\.0\.0\.1:[0-9]+' "$state/up.log" | head -1) && [ -n "$address" ] &&
  "$troupe" jobs --address "$address" >/dev/null 2>&1; do sleep 0.2; done
export TROUPE_ADDRESS=$address RAY_ADDRESS=http://127.0.0.1:8265
until "$ray" job list >/dev/null 2>&1; do sleep 0.5; done

now() { date +%s%N; }
# Milliseconds from the start of "$@" until it has printed a line that matches the first argument.
first_line() {
  local pattern=$1 start
  shift
  start=$(now)
  { "$@" 2>&1 || true; } | grep -m1 -q "$pattern"
  echo $((($(now) - start) / 1000000))
}
whole() {
  local start
  start=$(now)
  "$@" >/dev/null 2>&1
  echo $((($(now) - start) / 1000000))
}
whole "$troupe" jobs >/dev/null
whole "$ray" job list >/dev/null
for ((i = 1; i <= rounds; i++)); do
  echo "list $(whole "$troupe" jobs) $(whole "$ray" job list)"
  echo "first $(first_line HELLO "$troupe" run bench-hello) $(first_line HELLO "$ray" job submit -- python3 -c 'print("HELLO")')"
done | tee "$state/figures"
for what in list first; do
  awk -v w="$what" '$1 == w { print $2, $3, $3 / $2 }' "$state/figures" | sort -n -k3 |
    awk -v w="$what" '{ a[NR] = $1; b[NR] = $2; r[NR] = $3 } END { m = int((NR + 1) / 2); printf "%s: troupe %d ms, ray %d ms, ray takes %.1f times as long (%.1f to %.1f)\n", w, a[m], b[m], r[m], r[1], r[NR] }'
done
