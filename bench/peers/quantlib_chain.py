"""The chain of dev.troupe.pricing.bench.ChainBench with QuantLib; see bench/pricing/run.sh.

Arguments: the file of reference prices. Lines are `quantlib case error seconds grid`, by tabs.

For each error, the coarsest grid of the ladder whose error over eight strikes of the chain is within it, then the
time of the whole chain of 40 on that grid, strike by strike: the Python engines keep nothing between
strikes. With a random rate eight strikes are timed and counted five times. European prices under
Heston are first compared with QuantLib's closed form, to check the references.
"""

import math
import sys
import time

import QuantLib as ql

TODAY = ql.Date(15, 1, 2020)
DAYS = ql.Actual365Fixed()
SPOT = 100.0
ERRORS = (1e-3 * SPOT, 1e-4 * SPOT)
SCALES = (0.15, 0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0)
SUBSET = slice(0, 40, 5)
LONGEST = 60.0  # seconds for eight strikes; a longer rung ends the ladder


def flat(rate):
    return ql.YieldTermStructureHandle(ql.FlatForward(TODAY, rate, DAYS))


def heston():
    spot = ql.QuoteHandle(ql.SimpleQuote(SPOT))
    return ql.HestonModel(
        ql.HestonProcess(flat(0.03), flat(0.01), spot, 0.05, 2, 0.06, 0.4, -0.6))


def option(strike, american):
    end = TODAY + 365
    exercise = ql.AmericanExercise(TODAY, end) if american else ql.EuropeanExercise(end)
    return ql.VanillaOption(ql.PlainVanillaPayoff(ql.Option.Put, strike), exercise)


def engine(model, scale, control=True):
    if model == "heston":
        grid = [max(6, int(n * scale)) for n in (100, 100, 50)]
        return ql.FdHestonVanillaEngine(heston(), *grid), grid
    grid = [max(6, int(n * scale)) for n in (50, 100, 40, 20)]
    rate = ql.HullWhiteProcess(flat(0.03), 0.2, 0.015)
    return ql.FdHestonHullWhiteVanillaEngine(heston(), rate, 0.3, *grid, 0, control), grid


def prices(strikes, american, priced_by):
    start = time.perf_counter()
    values = []
    for strike in strikes:
        instrument = option(strike, american)
        instrument.setPricingEngine(priced_by)
        values.append(instrument.NPV())
    return values, time.perf_counter() - start


def line(name, error, seconds, grid):
    print("quantlib", name, f"{error:.0e}", f"{seconds:.6f}", grid, sep="\t", flush=True)


def chain(name, rows):
    model, style = name.split(" ")
    american = style == "american"
    wanted = list(ERRORS)
    for scale in SCALES:
        if not wanted:
            return
        subset = rows[SUBSET]
        priced_by, grid = engine(model, scale)
        values, seconds = prices([k for k, _ in subset], american, priced_by)
        worst = max(abs(v - p) for v, (_, p) in zip(values, subset))
        while wanted and worst <= wanted[0]:
            if model == "heston":
                _, whole = prices([k for k, _ in rows], american, priced_by)
            else:
                whole = seconds * len(rows) / len(subset)
            line(name, wanted.pop(0), whole, f"{grid}, error {worst:.1e}")
        if seconds > LONGEST:
            break
    for error in wanted:
        line(name, error, math.nan, f"not met; {grid} left {worst:.1e}")


def alone(name):
    model, style = name.split(" ")
    times = []
    for _ in range(5):
        priced_by, grid = engine(model, 1, control=False)
        times.append(prices([100.0], style == "american", priced_by)[1])
    line(name + " alone", math.nan, sorted(times)[2], grid)


def check(rows):
    values, _ = prices([k for k, _ in rows], False, ql.AnalyticHestonEngine(heston(), 192))
    worst = max(abs(v - p) for v, (_, p) in zip(values, rows))
    print(f"references against the closed form: {worst:.1e}", file=sys.stderr)


def main():
    ql.Settings.instance().evaluationDate = TODAY
    cases = {}
    with open(sys.argv[1]) as lines:
        for row in lines:
            name, strike, price, _ = row.split("\t")
            cases.setdefault(name, []).append((float(strike), float(price)))
    check(cases["heston european"])
    for name, rows in cases.items():
        chain(name, rows)
    for model in ("heston", "heston-hull-white"):
        alone(model + " american")


if __name__ == "__main__":
    main()
