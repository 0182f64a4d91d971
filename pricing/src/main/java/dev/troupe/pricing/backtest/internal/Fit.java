package dev.troupe.pricing.backtest.internal;

import dev.troupe.pricing.model.Heston;
import dev.troupe.pricing.model.Vasicek;
import java.util.Optional;

/**
 * What was estimated at one time, from that time and before.
 *
 * @param origin position of the time
 * @param realisedVol of the past window, a year
 * @param heston none where the surface has fewer points than parameters
 * @param volRmse of the calibration's implied volatilities; NaN without one
 * @param rate none where rates do not move
 * @param rhoSr correlation of spot and short rate
 * @param seconds that the calibration took
 */
public record Fit(
    int origin,
    double realisedVol,
    Optional<Heston> heston,
    double volRmse,
    Optional<Vasicek> rate,
    double rhoSr,
    double seconds) {}
