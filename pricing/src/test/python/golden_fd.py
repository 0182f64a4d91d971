"""Writes the golden values of the finite-difference solver, from QuantLib (PyPI `QuantLib`, 1.44).

    python3 golden_fd.py ../resources/golden

fd.csv: prices on QuantLib's own grids, extrapolated from three of them: with half the steps, and with half the nodes on
each axis. QuantLib keeps American prices above exercise by projection, of first order in time; the rest is of second
order, though not smoothly: `tolerance` is what the nodes' halving moved, half of what the steps' moved, and 1e-4. American
options under Black-Scholes without cash dividends, there and in american.csv, are QuantLib's fixed-point engine's (Andersen,
Lake and Offengenden), exact to about 1e-10; there 1e-4 is the tolerance. Times are whole days over 365.
"""

import pathlib
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


def engine(case, steps, nodes):
    spot = ql.QuoteHandle(ql.SimpleQuote(SPOT))
    rate, dividend = flat(case["rate"]), flat(case["dividend"])
    paid = dividends(case)
    if case["sigma"] == 0:
        vol = ql.BlackVolTermStructureHandle(
            ql.BlackConstantVol(TODAY, ql.NullCalendar(), case["v0"] ** 0.5, DAYS))
        process = ql.BlackScholesMertonProcess(spot, dividend, rate, vol)
        grid = [600 * steps, 1200 * nodes]
        if paid:
            return ql.FdBlackScholesVanillaEngine(process, paid, *grid)
        return ql.FdBlackScholesVanillaEngine(process, *grid)
    model = ql.HestonModel(ql.HestonProcess(
        rate, dividend, spot, case["v0"], case["kappa"], case["theta"], case["sigma"], case["rho"]))
    if case["rate_vol"] == 0:
        grid = [250 * steps, 200 * nodes, 75 * nodes]
        return ql.FdHestonVanillaEngine(model, paid, *grid) if paid else (
            ql.FdHestonVanillaEngine(model, *grid))
    hull_white = ql.HullWhiteProcess(rate, case["rate_speed"], case["rate_vol"])
    grid = [50 * steps, 60 * nodes, 24 * nodes, 12 * nodes]
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
    yield case("PUT", "AMERICAN", 100.0, 365, CALM)
    yield case("PUT", "AMERICAN", 100.0, 365, CALM, cash=5.0, cash_days=182)
    yield case("CALL", "EUROPEAN", 100.0, 365, CALM, cash=5.0, cash_days=182)
    stochastic = dict(rate=0.03, rate_speed=0.2, rate_vol=0.015, rho_sr=0.3)
    yield case("PUT", "AMERICAN", 100.0, 365, MILD, **stochastic)
    yield case("CALL", "EUROPEAN", 110.0, 365, MILD, **stochastic)


def price(priced, steps, nodes):
    instrument = option(priced)
    instrument.setPricingEngine(engine(priced, steps, nodes))
    return instrument.NPV(), instrument.delta(), instrument.gamma()


def extrapolated(row):
    fine, longer_steps, fewer_nodes = price(row, 2, 2), price(row, 1, 2), price(row, 2, 1)
    by_steps = (fine[0] - longer_steps[0]) / (1 if row["exercise"] == "AMERICAN" else 3)
    by_nodes = (fine[0] - fewer_nodes[0]) / 3
    tolerance = abs(by_steps) / 2 + abs(fine[0] - fewer_nodes[0]) + 1e-4
    if row["sigma"] == 0 and row["cash"] == 0 and row["exercise"] == "AMERICAN":
        exact = american_price(row["type"], SPOT, row["strike"], row["days"] / 365, row["rate"], row["v0"] ** 0.5, row["dividend"])
        return exact, fine[1], fine[2], 1e-4
    return fine[0] + by_steps + by_nodes, fine[1], fine[2], tolerance


def finite_differences(file):
    with open(file, "w") as out:
        print(",".join(COLUMNS), file=out)
        for row in cases():
            value, delta, gamma, tolerance = extrapolated(row)
            row.update(price=f"{value:.6f}", delta=f"{delta:.6f}", gamma=f"{gamma:.6f}", tolerance=f"{tolerance:.2e}")
            print(",".join(str(row[c]) for c in COLUMNS), file=out, flush=True)


def american_price(kind, spot, strike, expiry, rate, vol, dividend=0.0):
    """Of any expiry: a year of a rate and a variance that are as many times as large."""
    process = ql.BlackScholesMertonProcess(
        ql.QuoteHandle(ql.SimpleQuote(spot)), flat(dividend * expiry), flat(rate * expiry),
        ql.BlackVolTermStructureHandle(ql.BlackConstantVol(TODAY, ql.NullCalendar(), vol * expiry ** 0.5, DAYS)))
    payoff = ql.PlainVanillaPayoff(ql.Option.Call if kind == "CALL" else ql.Option.Put, strike)
    instrument = ql.VanillaOption(payoff, ql.AmericanExercise(TODAY, TODAY + 365))
    instrument.setPricingEngine(ql.QdFpAmericanEngine(process, ql.QdFpAmericanEngine.highPrecisionScheme()))
    return instrument.NPV()


def american(file):
    """The options of Ju's table, and the one of Bjerksund and Stensland's value in QuantLib's tests."""
    table = [(40, strike, expiry, 0.0488, vol)
             for vol in (0.2, 0.3, 0.4) for strike in (35, 40, 45) for expiry in (0.0833, 0.3333, 0.5833)]
    with open(file, "w") as out:
        print("spot,strike,expiry,rate,vol,price", file=out)
        for put in table + [(36, 40, 1, 0.06, 0.2)]:
            print(",".join(map(str, put)) + f",{american_price('PUT', *put):.9f}", file=out)


def main():
    ql.Settings.instance().evaluationDate = TODAY
    folder = pathlib.Path(sys.argv[1])
    finite_differences(folder / "fd.csv")
    american(folder / "american.csv")


if __name__ == "__main__":
    main()
