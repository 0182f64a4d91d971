#!/usr/bin/env bash
# Errors of the finite-difference schemes on finer and finer grids: prints the order of each, and draws
# docs/studies/pricing-convergence.svg. Takes about a minute.
set -euo pipefail
cd "$(dirname "$0")/../../.."
mvn -q -B -pl pricing -am -DskipTests test-compile
java -XX:+UseSerialGC -cp pricing/target/test-classes:pricing/target/classes dev.troupe.pricing.bench.ConvergenceStudy |
  python3 bench/studies/pricing/convergence.py docs/studies/pricing-convergence.svg
