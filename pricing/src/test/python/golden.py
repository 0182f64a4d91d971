"""Writes the golden values of the pricing room, from QuantLib (PyPI `QuantLib`, 1.44).

    python3 golden.py ../resources/golden

Times are whole days over 365, since QuantLib counts in dates.
"""

import json
import pathlib
import random
import sys

import QuantLib as ql

TODAY = ql.Date(15, 1, 2020)
DAYS = ql.Actual365Fixed()
SPOT = 100.0


def flat(rate):
    return ql.YieldTermStructureHandle(ql.FlatForward(TODAY, rate, DAYS))


def european(kind, strike, days):
    payoff = ql.PlainVanillaPayoff(ql.Option.Call if kind == "call" else ql.Option.Put, strike)
    return ql.EuropeanOption(payoff, ql.EuropeanExercise(TODAY + days))


def heston_model(case):
    process = ql.HestonProcess(
        flat(case["rate"]), flat(case["dividend"]), ql.QuoteHandle(ql.SimpleQuote(SPOT)),
        case["v0"], case["kappa"], case["theta"], case["sigma"], case["rho"])
    return ql.HestonModel(process)


def heston_case(draw):
    days = draw.choice([7, 30, 91, 182, 365, 1095, 3650])
    width = 2.5 * 0.2 * (days / 365) ** 0.5
    return {
        "type": draw.choice(["call", "put"]),
        "strike": round(SPOT * 2.718281828 ** draw.uniform(-width, width), 4),
        "days": days,
        "rate": round(draw.uniform(-0.01, 0.08), 4),
        "dividend": round(draw.uniform(0, 0.06), 4),
        "v0": round(draw.uniform(0.005, 0.3), 4),
        "kappa": round(draw.uniform(0.1, 8), 4),
        "theta": round(draw.uniform(0.005, 0.3), 4),
        "sigma": round(draw.uniform(0.05, 1.5), 4),
        "rho": round(draw.uniform(-0.95, 0.95), 4),
    }


def heston(draw, count):
    """By adaptive Gauss-Lobatto integration of the Andersen-Piterbarg form."""
    cases = []
    for _ in range(count):
        case = heston_case(draw)
        option = european(case["type"], case["strike"], case["days"])
        option.setPricingEngine(ql.AnalyticHestonEngine(heston_model(case), 1e-13, 1_000_000))
        cases.append({**case, "price": option.NPV()})
    return cases


def heston_hull_white(draw, count):
    """No correlation of rate and spot; the curve is flat, so it is what a Vasicek bond yields."""
    cases = []
    for _ in range(count):
        case = heston_case(draw)
        case["rateSpeed"] = round(draw.uniform(0.02, 2), 4)
        case["rateVol"] = round(draw.uniform(0.001, 0.03), 4)
        hull_white = ql.HullWhite(flat(case["rate"]), case["rateSpeed"], case["rateVol"])
        option = european(case["type"], case["strike"], case["days"])
        option.setPricingEngine(
            ql.AnalyticHestonHullWhiteEngine(heston_model(case), hull_white, 192))
        cases.append({**case, "price": option.NPV()})
    return cases


def black_hull_white(draw, count):
    cases = []
    for _ in range(count):
        case = {
            key: value for key, value in heston_case(draw).items()
            if key in ("type", "strike", "days", "rate", "dividend")
        }
        case["vol"] = round(draw.uniform(0.05, 0.6), 4)
        case["rateSpeed"] = round(draw.uniform(0.02, 2), 4)
        case["rateVol"] = round(draw.uniform(0.001, 0.03), 4)
        case["rhoSr"] = round(draw.uniform(-0.9, 0.9), 4)
        process = ql.BlackScholesMertonProcess(
            ql.QuoteHandle(ql.SimpleQuote(SPOT)), flat(case["dividend"]), flat(case["rate"]),
            ql.BlackVolTermStructureHandle(
                ql.BlackConstantVol(TODAY, ql.NullCalendar(), case["vol"], DAYS)))
        hull_white = ql.HullWhite(flat(case["rate"]), case["rateSpeed"], case["rateVol"])
        option = european(case["type"], case["strike"], case["days"])
        option.setPricingEngine(ql.AnalyticBSMHullWhiteEngine(case["rhoSr"], process, hull_white))
        cases.append({**case, "price": option.NPV()})
    return cases


# Implied volatilities of DAX options on 5 July 2002 (A. Sepp, 2003), as QuantLib's tests have them:
# a row a strike, a column an expiry.
DAX_SPOT = 4468.17
DAX_DAYS = [13, 41, 75, 165, 256, 345, 524, 703]
DAX_RATES = [0.0357, 0.0349, 0.0341, 0.0355, 0.0359, 0.0368, 0.0386, 0.0401]
DAX_STRIKES = [3400, 3600, 3800, 4000, 4200, 4400, 4500, 4600, 4800, 5000, 5200, 5400, 5600]
DAX_VOLS = [
    0.6625, 0.4875, 0.4204, 0.3667, 0.3431, 0.3267, 0.3121, 0.3121,
    0.6007, 0.4543, 0.3967, 0.3511, 0.3279, 0.3154, 0.2984, 0.2921,
    0.5084, 0.4221, 0.3718, 0.3327, 0.3155, 0.3027, 0.2919, 0.2889,
    0.4541, 0.3869, 0.3492, 0.3149, 0.2963, 0.2926, 0.2819, 0.2800,
    0.4060, 0.3607, 0.3330, 0.2999, 0.2887, 0.2811, 0.2751, 0.2775,
    0.3726, 0.3396, 0.3108, 0.2781, 0.2788, 0.2722, 0.2661, 0.2686,
    0.3550, 0.3277, 0.3012, 0.2781, 0.2781, 0.2661, 0.2661, 0.2681,
    0.3428, 0.3209, 0.2958, 0.2740, 0.2688, 0.2627, 0.2580, 0.2620,
    0.3302, 0.3062, 0.2799, 0.2631, 0.2573, 0.2533, 0.2504, 0.2544,
    0.3343, 0.2959, 0.2705, 0.2540, 0.2504, 0.2464, 0.2448, 0.2462,
    0.3460, 0.2845, 0.2624, 0.2463, 0.2425, 0.2385, 0.2373, 0.2422,
    0.3857, 0.2860, 0.2578, 0.2399, 0.2357, 0.2327, 0.2312, 0.2351,
    0.3976, 0.2860, 0.2607, 0.2356, 0.2297, 0.2268, 0.2241, 0.2320]


def dax():
    """The surface, and what QuantLib's calibration makes of it."""
    today = ql.Date(5, 7, 2002)
    ql.Settings.instance().evaluationDate = today
    curve = ql.ZeroCurve(
        [today] + [today + days for days in DAX_DAYS], [DAX_RATES[0]] + DAX_RATES, DAYS)
    rates = ql.YieldTermStructureHandle(curve)
    dividends = ql.YieldTermStructureHandle(ql.FlatForward(today, 0.0, DAYS))
    spot = ql.QuoteHandle(ql.SimpleQuote(DAX_SPOT))
    model = ql.HestonModel(ql.HestonProcess(rates, dividends, spot, 0.1, 1.0, 0.1, 0.5, -0.5))
    engine = ql.AnalyticHestonEngine(model, 64)
    helpers, quotes = [], []
    for i, strike in enumerate(DAX_STRIKES):
        for j, days in enumerate(DAX_DAYS):
            weeks = (days + 3) // 7
            vol = DAX_VOLS[i * len(DAX_DAYS) + j]
            helper = ql.HestonModelHelper(
                ql.Period(weeks, ql.Weeks), ql.TARGET(), DAX_SPOT, float(strike),
                ql.QuoteHandle(ql.SimpleQuote(vol)), rates, dividends,
                ql.BlackCalibrationHelper.ImpliedVolError)
            helper.setPricingEngine(engine)
            helpers.append(helper)
            expiry = 7 * weeks / 365
            quotes.append([expiry, strike, DAX_SPOT / curve.discount(today + 7 * weeks), vol])
    model.calibrate(
        helpers, ql.LevenbergMarquardt(1e-8, 1e-8, 1e-8),
        ql.EndCriteria(400, 40, 1e-8, 1e-8, 1e-8))
    return {
        "quotes": quotes,
        "fit": {
            "v0": model.v0(), "kappa": model.kappa(), "theta": model.theta(),
            "sigma": model.sigma(), "rho": model.rho(),
            "squaredErrorsInPoints": sum((100 * h.calibrationError()) ** 2 for h in helpers),
        },
    }


def main(folder):
    ql.Settings.instance().evaluationDate = TODAY
    draw = random.Random(4)
    golden = {
        "heston": heston(draw, 60),
        "hestonHullWhite": heston_hull_white(draw, 30),
        "blackHullWhite": black_hull_white(draw, 30),
    }
    lines = ",\n".join(
        '"%s": [\n%s\n]' % (name, ",\n".join(json.dumps(case) for case in cases))
        for name, cases in golden.items())
    pathlib.Path(folder, "analytic.json").write_text("{\n" + lines + "\n}\n")
    pathlib.Path(folder, "dax.json").write_text(json.dumps(dax()) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
