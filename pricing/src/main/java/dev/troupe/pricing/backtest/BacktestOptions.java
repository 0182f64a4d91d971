package dev.troupe.pricing.backtest;

import dev.troupe.core.options.Above;
import dev.troupe.core.options.Default;
import dev.troupe.core.options.Doc;
import dev.troupe.core.options.FilePath;
import dev.troupe.core.options.Max;
import dev.troupe.core.options.Min;
import dev.troupe.pricing.model.Option.Exercise;
import java.util.List;
import java.util.Optional;

/** What {@code troupe run backtest} takes. */
public record BacktestOptions(
    @Doc(
            "files in order of time, CSV (.gz too) or .parquet: quotes (time, spot, expiry, strike,"
                + " type, bid, ask; without spot it comes from parity) or implied volatilities"
                + " (time, spot, days_to_maturity, moneyness, implied_vol); or LEAN's .zip of a"
                + " day's quotes by the minute")
        @FilePath
        List<String> data,
    @Doc("other names of those columns, OURS=THEIRS as in time=quoted_at") @Default("")
        List<String> columns,
    @Doc("minutes from one time to the next that is taken from LEAN's zips")
        @Default("60")
        @Min(1)
        @Max(1440)
        int every,
    @Doc(
            "file of par yields in percent: a column date, others named by maturity (3MONTH,"
                + " 10YEAR); heston-vasicek needs it")
        @FilePath
        Optional<String> rates,
    @Doc("rate at all times where there is no file of rates") @Default("0") @Min(-1) @Max(1)
        double rate,
    @Doc("dividend yield, 0.02 for 2 %") @Default("0") @Min(-1) @Max(1) double dividend,
    @Doc("models, side by side; the first is what the others are measured against")
        @Default("black-scholes,black-scholes-realised,heston")
        List<Model> models,
    @Doc(
            "what is priced with: base, or a parameter that is wrong by a factor, as sigma*1.2"
                + " (vol, v0, kappa, theta, sigma, rho, rate-vol)")
        @Default("base")
        List<String> scenarios,
    @Doc("times ahead that are priced from what is known now") @Default("1,5") @Min(1) @Max(1000)
        List<Integer> horizons,
    @Doc("times from one fit to the next") @Default("1") @Min(1) @Max(10_000) int stride,
    @Doc("when the options may be used; only heston-vasicek prices early rights")
        @Default("european")
        Exercise exercise,
    @Doc("times that realised volatility is taken over") @Default("21") @Min(2) @Max(10_000)
        int window,
    @Doc("days that the model of the rate is fitted to") @Default("250") @Min(10) @Max(10_000)
        int rateWindow,
    @Doc("part of the times, the last ones, that is scored apart") @Default("0.2") @Min(0) @Max(0.9)
        double holdout,
    @Doc("days at which a new period begins that is scored apart, as 2007-07-01") @Default("")
        List<String> periods,
    @Doc("fewest days to expiry") @Default("7") @Min(0) double minDays,
    @Doc("most days to expiry") @Default("365") @Above(0) double maxDays,
    @Doc("lowest strike over spot") @Default("0.8") @Min(0) double minMoneyness,
    @Doc("highest strike over spot") @Default("1.2") @Above(0) double maxMoneyness,
    @Doc("widest spread, as a part of the middle") @Default("0.5") @Above(0) double maxSpread,
    @Doc("how far parity and bounds may be missed, as a part of the spot") @Default("0.005") @Min(0)
        double parityTolerance,
    @Doc("error of finite differences, as a part of the spot") @Default("1e-4") @Above(0) @Max(0.1)
        double tolerance,
    @Doc("times that lstm and hybrid are first trained on; what comes before is scored apart")
        @Default("120")
        @Min(2)
        @Max(100_000)
        int trainTimes,
    @Doc("times after which they are trained anew, on all before; never on the last block")
        @Default("120")
        @Min(1)
        @Max(100_000)
        int retrain,
    @Doc("past times that a sequence has") @Default("5") @Min(1) @Max(250) int sequence,
    @Doc("samples of a training, evenly from all") @Default("20000") @Min(100) @Max(1_000_000)
        int trainSamples,
    @Doc("passes over the samples, at most") @Default("30") @Min(1) @Max(10_000) int epochs,
    @Doc("of first weights and order of training") @Default("1") long seed) {

  /** How options are priced. */
  public enum Model {
    /** Black-Scholes at the implied volatility that the same moneyness and tenor had. */
    BLACK_SCHOLES,
    /** Black-Scholes at the volatility of the past window. */
    BLACK_SCHOLES_REALISED,
    /** Heston, calibrated to the surface, by its formula. */
    HESTON,
    /** Heston with a random rate that fits the curve, by finite differences. */
    HESTON_VASICEK,
    /** A recurrent network, from sequences of what the market was to price over strike. */
    LSTM,
    /** The price of heston-vasicek, and a recurrent network's guess of its error. */
    HYBRID;

    /** Whether it is trained on prices of the past. */
    public boolean learned() {
      return this == LSTM || this == HYBRID;
    }
  }
}
