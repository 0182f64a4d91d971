#!/usr/bin/env bash
# A chain of 40 strikes at a given error, and one solve alone, against QuantLib's finite-difference engines, each on
# one core; the machine's own ceilings; calibrations; prints a table with ratios. Takes about five minutes, most of it the
# peer's.
#   PYTHON   a Python with QuantLib; without it the peer is left out
#   CORE     which core, default 0
set -euo pipefail
cd "$(dirname "$0")/../.."
mvn -q -B -pl pricing -am -DskipTests test-compile
hipparchus=$(sed -n 's:.*<hipparchus.version>\(.*\)</hipparchus.version>.*:\1:p' pom.xml)
repository=${MAVEN_REPOSITORY:-$HOME/.m2/repository}/org/hipparchus
classes=pricing/target/test-classes:pricing/target/classes
for part in core optim; do
  classes=$classes:$repository/hipparchus-$part/$hipparchus/hipparchus-$part-$hipparchus.jar
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
one="taskset -c ${CORE:-0}"
java="$one java -XX:+UseSerialGC -cp $classes dev.troupe.pricing.bench"
$java.Ceilings
$java.CalibrationBench
$java.ChainBench references "$work/references"
$java.ChainBench run "$work/references" | tee "$work/figures"
if [ -n "${PYTHON:-}" ]; then
  $one "$PYTHON" bench/peers/quantlib_chain.py "$work/references" | tee -a "$work/figures"
fi
awk -F'\t' '
  $1 == "troupe" { ours[$2 FS $3] = $4 }
  $1 == "quantlib" && ($2 FS $3) in ours && $4 != "nan" {
    printf "%-32s error %-6s troupe %10.6f s   quantlib %10.4f s   ratio %.0f\n", $2, $3, ours[$2 FS $3], $4, $4 / ours[$2 FS $3]
  }' "$work/figures"
