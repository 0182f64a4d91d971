"""Prints the tables of the study from the results in a folder.

usage: tables.py OUT
"""

import json
import math
import re
import statistics
import sys
from collections import defaultdict
from pathlib import Path


def load(path):
    data = json.loads(path.read_text())
    return data.get("result", data)


def mean(values):
    lost = sum(map(math.isnan, values))
    if lost:
        return f"diverged, {lost} of {len(values)}"
    return f"{statistics.mean(values):.3f}" + (f" ± {statistics.stdev(values):.3f}" if len(values) > 1 else "")


def settings(text):
    return dict(re.findall(r"(\w+)=(\S+)", text))


def grouped(result, names):
    groups = defaultdict(list)
    for place in result["ranking"]:
        one = settings(place["settings"])
        groups[tuple(one[n] for n in names)].append(float("nan") if place["outcome"] == "diverged" else place["loss"])
    return groups


def table(columns, rows):
    print("| " + " | ".join(columns) + " |\n" + "| --- " * len(columns) + "|")
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |")
    print()


out = Path(sys.argv[1])
if (out / "base.json").exists():
    result = load(out / "base.json")
    print(f"base: held-out loss {result['evalLossBefore']:.3f}, then {result['evalLoss']:.3f}; {result['tokensPerSecond']:.0f} tokens/s\n")
for part in "batches", "longer":
    if not (out / f"{part}.json").exists():
        continue
    result = load(out / f"{part}.json")
    groups = grouped(result, ("batch", "learningRate"))
    batches = sorted({b for b, _ in groups}, key=int)
    rates = sorted({r for _, r in groups}, key=float)
    print("Held-out loss, mean and standard deviation over seeds:\n")
    table(["batch"] + [f"{float(r):g}" for r in rates], [[b] + [mean(groups[b, r]) for r in rates] for b in batches])
    print("Spearman's correlation of the order at a rung with the final one:\n")
    names = ["gradNorm", "higherLoss", "lowerLoss", "heldOutLoss"]
    table(["part of the samples"] + names,
          [[p["part"]] + [f"{p[n]:.2f}" if n in p else "" for n in names] for p in result["spearman"]])
    print(f"computeSavedIfEnforced: {result['computeSavedIfEnforced']:.3f}; the final order, and what the indicators would have done:\n")
    table(["place", "settings", "held-out loss", "outcome"],
          [[p["place"], p["settings"], f"{p['loss']:.3f}" if p["loss"] else "", p["outcome"]] for p in result["ranking"]])
if (out / "schedules.json").exists():
    groups = grouped(load(out / "schedules.json"), ("schedule", "warmup"))
    table(["schedule", "steps of warm-up", "held-out loss"], [[s, w, mean(v)] for (s, w), v in sorted(groups.items())])
if (out / "smollm2.json").exists():
    result = load(out / "smollm2.json")
    print(f"held-out loss {result['evalLossBefore']:.3f}, then {result['evalLoss']:.3f}; {result['tokensPerSecond']:.0f} tokens/s\n")
    table(["benchmark", "metric", "before", "after", "rows"],
          [[s["benchmark"], s["metric"], f"{s['before']:.3f} ± {s['beforeStderr']:.3f}", f"{s['after']:.3f} ± {s['afterStderr']:.3f}", s["rows"]]
           for s in result["scores"]])
runs = {kind: [load(p) for p in sorted(out.glob(kind + ".*.json"))] for kind in ("stacked", "phased")}
if all(runs.values()):
    table(["strategy", "held-out loss", "samples to the best checkpoint"],
          [[kind, mean([r["evalLoss"] for r in results]),
            ", ".join(str(sum(p["bestStep"] * p["batch"] for p in r["phases"])) for r in results)] for kind, results in runs.items()])
