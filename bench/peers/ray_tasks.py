"""Ray's side of bench/tasks: the same empty tasks, two worker processes. Prints one JSON object."""

import json
import sys
import time

import ray

tasks, trips = int(sys.argv[1]), int(sys.argv[2])
ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="error")


@ray.remote
def empty(number):
    return number


def fan_out(count):
    start = time.perf_counter()
    assert ray.get([empty.remote(i) for i in range(count)]) == list(range(count))
    return time.perf_counter() - start


fan_out(tasks)  # warm-up, as on our side
seconds = fan_out(tasks)


def round_trips(count):
    millis = []
    for i in range(count):
        start = time.perf_counter()
        ray.get(empty.remote(i))
        millis.append((time.perf_counter() - start) * 1e3)
    return millis


round_trips(trips)  # warm-up, as on our side
millis = sorted(round_trips(trips))
print(
    json.dumps(
        {
            "tasks": tasks,
            "seconds": seconds,
            "tasksPerSecond": tasks / seconds,
            "roundTripMillisMedian": millis[len(millis) // 2],
            "roundTripMillisP99": millis[int(len(millis) * 0.99)],
            "version": ray.__version__,
        }
    )
)
