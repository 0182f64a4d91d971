#!/usr/bin/env bash
# All-reduce through shared memory and TCP against Gloo and the memory bound; prints a table.
#   PYTHON   a Python with torch; without it the peer is left out
#   SIZES    MiB, default 1,25,100,400     RANKS   default 2,4     ROUNDS   default 3
# 400 MiB with 4 ranks needs 1.6 GiB in /dev/shm and as much memory again for Gloo.
set -euo pipefail
cd "$(dirname "$0")/../.."
mvn -q -B -pl collective -am test-compile
slf4j=$(sed -n 's:.*<slf4j.version>\(.*\)</slf4j.version>.*:\1:p' pom.xml)
repository=${MAVEN_REPOSITORY:-$HOME/.m2/repository}
classes=collective/target/test-classes:collective/target/classes:core/target/classes
exec java -cp "$classes:$repository/org/slf4j/slf4j-api/$slf4j/slf4j-api-$slf4j.jar" \
  -Dpython="${PYTHON:-}" -Dpeer=bench/peers/allreduce_gloo.py -Dsizes="${SIZES:-1,25,100,400}" \
  -Dranks="${RANKS:-2,4}" -Drounds="${ROUNDS:-3}" -XX:MaxDirectMemorySize=2g \
  dev.troupe.collective.bench.AllReduceBench
