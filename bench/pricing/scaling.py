#!/usr/bin/env python3
"""How long a back-test would take on more workers, by simulation from the times of a run that was measured.

usage: scaling.py TIMES.csv [WORKERS...]    times.csv is an artifact of every back-test

TIMES.csv should be of a run on one worker. The parts of the job come one after the other, as they do in the driver. Within a part
each task goes to the worker that is free first, in the order of the keys, as the scheduler hands them out, and takes what it
took in the run. Programs are slow until they are compiled: what a part's first tasks took above its median is taken for that, and
each worker pays it anew. The driver reads results in order, while later tasks still run; what it does alone, and the reading of the
files, is added as it was. Not in it: the start of a cluster, the 1 to 3 ms that handing out a task takes, and that workers on
one machine share its memory and its cores with each other, the driver and the compiler.
"""
import csv
import heapq
import itertools
import statistics
import sys

WORKERS = [1, 2, 4, 8, 16, 64]


def warm_up(tasks):
    """Seconds above the median of the first tasks, until one is not above it."""
    median = statistics.median(tasks)
    return [seconds - median for seconds in itertools.takewhile(lambda seconds: seconds > median, tasks)]


def makespan(tasks, workers):
    """Seconds until the last task has ended, each on the worker that is free first."""
    slow = warm_up(tasks)
    warm = [seconds - (slow[i] if i < len(slow) else 0) for i, seconds in enumerate(tasks)]
    free = [(0.0, 0)] * workers  # since when, and tasks done
    for seconds in warm:
        since, done = free[0]
        heapq.heapreplace(free, (since + seconds + (slow[done] if done < len(slow) else 0), done + 1))
    return max(since for since, _ in free)


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
