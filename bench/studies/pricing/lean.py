#!/usr/bin/env python3
"""Turns LEAN's hourly option bars into quotes that `troupe run backtest` reads.

usage: lean.py OPTION_HOUR.csv[.gz] RATE QUOTES.csv

A bar's closing bid and ask are quotes of its end. LEAN's option bars lack the underlying; its price comes from put-call
parity: the median of C - P + K exp(-RATE T) over strikes within 3 % of the money that expire within 60 days.
"""
import csv
import datetime as dt
import gzip
import math
import statistics
import sys

source, rate, target = sys.argv[1], float(sys.argv[2]), sys.argv[3]
CLOSE = dt.timedelta(hours=16)

bars = {}
opened = gzip.open(source, "rt") if source.endswith(".gz") else open(source)
with opened as lines:
    for row in csv.DictReader(lines):
        if row["bid_close"] or row["ask_close"]:
            end = dt.datetime.strptime(row["time"], "%Y-%m-%d %H:%M") + dt.timedelta(hours=1)
            bars.setdefault(end, []).append(row)


def spot(time, rows):
    """The underlying's price, by parity."""
    mids = {}
    for row in rows:
        if row["bid_close"] and row["ask_close"]:
            mid = (float(row["bid_close"]) + float(row["ask_close"])) / 2
            mids.setdefault((row["expiry"], float(row["strike"])), {})[row["right"]] = mid
    pairs = []
    for (expiry, strike), sides in mids.items():
        days = (dt.datetime.strptime(expiry, "%Y-%m-%d") + CLOSE - time).total_seconds() / 86400
        if len(sides) == 2 and 1 <= days <= 60:
            pairs.append((strike, sides["call"] - sides["put"] + strike * math.exp(-rate * days / 365)))
    rough = statistics.median(price for _, price in pairs)
    return statistics.median(price for strike, price in pairs if abs(strike / rough - 1) < 0.03)


with open(target, "w", newline="") as out:
    writer = csv.writer(out)
    writer.writerow(["time", "spot", "expiry", "strike", "type", "bid", "ask"])
    for time in sorted(bars):
        rows = bars[time]
        price = round(spot(time, rows), 4)
        for row in rows:
            writer.writerow(
                [time.strftime("%Y-%m-%d %H:%M"), price, row["expiry"], row["strike"], row["right"], row["bid_close"], row["ask_close"]])
        print(time, len(rows), "quotes, spot", price)
