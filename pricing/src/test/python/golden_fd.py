"""Writes the golden values of the finite-difference solver, from QuantLib (PyPI `QuantLib`, 1.44).

    python3 golden_fd.py ../resources/golden/fd.csv

Each price comes from QuantLib's own grids, a full one and one of two thirds of its size. QuantLib keeps American
prices above exercise by projection, of first order in time, so American prices are extrapolated to no
step, by twice the change; `tolerance` is the change, and 2e-4. Times are whole days over 365.
"""

import sys

import QuantLib as ql

TODAY = ql.Date(15, 1, 2020)
DAYS = ql.Actual365Fixed()
SPOT = 100.0
COLUMNS = (
    "type exercise strike days rate dividend cash cash_days v0 kappa theta sigma rho"
    " rate_speed rate_vol rho_sr price delta gamma tolerance"
).split()
BLACK = dict(v0=0.0625, kappa=1, theta=0.0625, sigma=0, rho=0)
CALM = dict(v0=0.04, kappa=2.5, theta=0.04, sigma=0.66, rho=-0.8)
WILD = dict(v0=0.0175, kappa=1.5768, theta=0.0398, sigma=0.5751, rho=-0.5711)
MILD = dict(v0=0.05, kappa=2, theta=0.06, sigma=0.4, rho=-0.6)


def flat(rate):
    return ql.YieldTermStructureHandle(ql.FlatForward(TODAY, rate, DAYS))


def option(case):
    kind = ql.Option.Call if case["type"] == "CALL" else ql.Option.Put
    end = TODAY + case["days"]
    american = case["exercise"] == "AMERICAN"
    exercise = ql.AmericanExercise(TODAY, end) if american else ql.EuropeanExercise(end)
    return ql.VanillaOption(ql.PlainVanillaPayoff(kind, case["strike"]), exercise)


def dividends(case):
    if case["cash"] == 0:
        return []
    return ql.DividendVector([TODAY + case["cash_days"]], [case["cash"]])


def engine(case, size):
    spot = ql.QuoteHandle(ql.SimpleQuote(SPOT))
    rate, dividend = flat(case["rate"]), flat(case["dividend"])
    paid = dividends(case)
    if case["sigma"] == 0:
        vol = ql.BlackVolTermStructureHandle(
            ql.BlackConstantVol(TODAY, ql.NullCalendar(), case["v0"] ** 0.5, DAYS))
        process = ql.BlackScholesMertonProcess(spot, dividend, rate, vol)
        steps, nodes = int(600 * size), int(1200 * size)
        if paid:
            return ql.FdBlackScholesVanillaEngine(process, paid, steps, nodes)
        return ql.FdBlackScholesVanillaEngine(process, steps, nodes)
    model = ql.HestonModel(ql.HestonProcess(
        rate, dividend, spot, case["v0"], case["kappa"], case["theta"], case["sigma"], case["rho"]))
    if case["rate_vol"] == 0:
        grid = [int(n * size) for n in (300, 300, 100)]
        return ql.FdHestonVanillaEngine(model, paid, *grid) if paid else (
            ql.FdHestonVanillaEngine(model, *grid))
    hull_white = ql.HullWhiteProcess(rate, case["rate_speed"], case["rate_vol"])
    grid = [int(n * size) for n in (90, 105, 36, 18)]
    return ql.FdHestonHullWhiteVanillaEngine(model, hull_white, case["rho_sr"], *grid)


def case(kind, exercise, strike, days, model, rate=0.05, dividend=0.0, cash=0.0, cash_days=0,
         rate_speed=0.0, rate_vol=0.0, rho_sr=0.0):
    return dict(type=kind, exercise=exercise, strike=strike, days=days, rate=rate,
                dividend=dividend, cash=cash, cash_days=cash_days, rate_speed=rate_speed,
                rate_vol=rate_vol, rho_sr=rho_sr, **model)


def cases():
    for strike in (85.0, 100.0, 115.0):
        yield case("PUT", "AMERICAN", strike, 365, BLACK)
        yield case("CALL", "AMERICAN", strike, 365, BLACK, dividend=0.08)
        yield case("CALL", "AMERICAN", strike, 365, BLACK, cash=6.0, cash_days=180)
        yield case("PUT", "EUROPEAN", strike, 365, BLACK, cash=6.0, cash_days=180)
    for model in (CALM, WILD):
        for strike in (90.0, 105.0):
            yield case("PUT", "AMERICAN", strike, 365, model)
            yield case("CALL", "AMERICAN", strike, 182, model, rate=0.02, dividend=0.07)
    yield case("PUT", "AMERICAN", 100.0, 365, CALM, cash=5.0, cash_days=182)
    yield case("CALL", "EUROPEAN", 100.0, 365, CALM, cash=5.0, cash_days=182)
    stochastic = dict(rate=0.03, rate_speed=0.2, rate_vol=0.015, rho_sr=0.3)
    yield case("PUT", "AMERICAN", 100.0, 365, MILD, **stochastic)
    yield case("CALL", "EUROPEAN", 110.0, 365, MILD, **stochastic)


def price(priced, size):
    instrument = option(priced)
    instrument.setPricingEngine(engine(priced, size))
    return instrument.NPV(), instrument.delta(), instrument.gamma()


def main():
    ql.Settings.instance().evaluationDate = TODAY
    with open(sys.argv[1], "w") as out:
        print(",".join(COLUMNS), file=out)
        for row in cases():
            coarse = price(row, 2 / 3)
            fine = price(row, 1)
            change = fine[0] - coarse[0]
            extrapolated = fine[0] + (2 * change if row["exercise"] == "AMERICAN" else 0)
            row["price"] = f"{extrapolated:.6f}"
            row["delta"], row["gamma"] = (f"{x:.6f}" for x in fine[1:])
            row["tolerance"] = f"{abs(change) + 2e-4:.2e}"
            print(",".join(str(row[c]) for c in COLUMNS), file=out, flush=True)


if __name__ == "__main__":
    main()
