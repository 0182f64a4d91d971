package dev.troupe.pricing.backtest.internal;

import dev.troupe.pricing.backtest.BacktestOptions.Model;
import dev.troupe.pricing.market.Quote;
import dev.troupe.pricing.model.Option;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * A quote with what a model made of it.
 *
 * @param origin time of the fit
 * @param horizon from there to the time of the quote
 * @param quote what the market said
 * @param marketVol its implied volatility; NaN if there is none
 * @param price the model's
 * @param vol the model's price's implied volatility; NaN if there is none
 * @param delta the model's
 * @param hedgeError what was gained to the next time by holding the option against delta of the
 *     spot, financed at the rate; NaN if the contract has no price then
 * @param fairDelta of least variance, under the model: what the variance does when the spot moves
 *     counts too; the delta where the model has no such thing
 * @param fairHedgeError the same with that delta
 */
record PricedQuote(
    int origin,
    int horizon,
    Model model,
    String scenario,
    Quote quote,
    double marketVol,
    double price,
    double vol,
    double delta,
    double hedgeError,
    double fairDelta,
    double fairHedgeError) {

  int target() {
    return origin + horizon;
  }

  double error() {
    return price - quote.price();
  }

  void write(DataOutput out) throws IOException {
    out.writeInt(origin);
    out.writeInt(horizon);
    out.writeUTF(model.name());
    out.writeUTF(scenario);
    out.writeBoolean(quote.type() == Option.Type.CALL);
    out.writeDouble(quote.strike());
    out.writeLong(quote.expires());
    out.writeDouble(quote.bid());
    out.writeDouble(quote.ask());
    out.writeDouble(quote.price());
    out.writeDouble(marketVol);
    out.writeDouble(price);
    out.writeDouble(vol);
    out.writeDouble(delta);
    out.writeDouble(hedgeError);
    out.writeDouble(fairDelta);
    out.writeDouble(fairHedgeError);
  }

  static PricedQuote read(DataInput in) throws IOException {
    return new PricedQuote(
        in.readInt(),
        in.readInt(),
        Model.valueOf(in.readUTF()),
        in.readUTF(),
        new Quote(
            in.readBoolean() ? Option.Type.CALL : Option.Type.PUT,
            in.readDouble(),
            in.readLong(),
            in.readDouble(),
            in.readDouble(),
            in.readDouble()),
        in.readDouble(),
        in.readDouble(),
        in.readDouble(),
        in.readDouble(),
        in.readDouble(),
        in.readDouble(),
        in.readDouble());
  }
}
