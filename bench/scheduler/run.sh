#!/usr/bin/env bash
# What simulated workers and jobs cost a coordinator: CPU and heap while idle, time from a job's submission to its driver's start.
#   WORKERS   default 1000     JOBS   default 100     SECONDS_IDLE   of each idle phase, default 15
set -euo pipefail
cd "$(dirname "$0")/../.."
./troupe --version >/dev/null # builds
mvn -q -B -pl coordinator -am test-compile
exec java -Xmx1g -cp "coordinator/target/test-classes:dist/target/troupe/lib/troupe/*:dist/target/troupe/lib/node/*" -Dworkers="${WORKERS:-1000}" -Djobs="${JOBS:-100}" \
  -Dseconds="${SECONDS_IDLE:-15}" dev.troupe.coordinator.bench.SchedulerBench
