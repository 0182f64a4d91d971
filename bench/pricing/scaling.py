#!/usr/bin/env python3
"""How long a back-test would take on more workers, by simulation from the times of a run that was measured.

usage: scaling.py TIMES.csv [WORKERS...]    times.csv is an artifact of every back-test

The parts of the job come one after the other, as they do in the driver. Within a part each task goes to the worker that
is free first, in the order of the keys, as the scheduler hands them out, and takes what it took in the run; the driver reads
results in that order, while later tasks still run. What the driver does alone, and the reading of the files, is added as it
was. Not in it: the start of a cluster, the 1 to 3 ms that handing out a task takes, the first reading of the market on each worker
(0.1 s), slower tasks where many workers share one machine's memory.
"""
import csv
import heapq
import sys

WORKERS = [1, 2, 4, 8, 16, 64]


def makespan(tasks, workers):
    """Seconds until the last task has ended, each on the worker that is free first."""
    free = [0.0] * workers
    for seconds in tasks:
        heapq.heapreplace(free, free[0] + seconds)
    return max(free)


def main():
    parts = {}
    with open(sys.argv[1]) as file:
        for row in csv.DictReader(file):
            parts.setdefault(row["part"], []).append(float(row["seconds"]))
    serial = sum(sum(parts.pop(part, [])) for part in ("load", "driver"))
    work = sum(map(sum, parts.values()))
    tasks = sum(map(len, parts.values()))
    longest = sum(map(max, parts.values()))
    print(f"{tasks} tasks, {work:.1f} s one after the other; {serial:.1f} s alone; the longest task of each part: {longest:.1f} s together")
    print("| workers | simulated s | speed-up | part of the ideal | " + " | ".join(parts) + " | alone |")
    print("| --- " * (5 + len(parts)) + "|")
    for workers in map(int, sys.argv[2:] or WORKERS):
        spans = [makespan(tasks, workers) for tasks in parts.values()]
        total = serial + sum(spans)
        speedup = (work + serial) / total
        columns = " | ".join(f"{span:.1f}" for span in spans)
        print(f"| {workers} | {total:.1f} | {speedup:.1f} | {100 * speedup / workers:.0f} % | {columns} | {serial:.1f} |")


if __name__ == "__main__":
    main()
