package dev.troupe.pricing.backtest.internal;

import dev.troupe.core.BlobRef;
import dev.troupe.core.InputException;
import dev.troupe.core.Task;
import dev.troupe.core.TaskContext;
import dev.troupe.pricing.backtest.BacktestOptions;
import dev.troupe.pricing.backtest.BacktestOptions.Model;
import dev.troupe.pricing.lstm.LstmFit;
import dev.troupe.pricing.lstm.LstmSettings;
import dev.troupe.pricing.lstm.LstmTrainer;
import dev.troupe.pricing.market.MarketData;
import dev.troupe.pricing.market.Snapshot;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Trains a network on what was priced of the past.
 *
 * @param model lstm, which learns prices, or hybrid, which learns what heston-vasicek misses
 * @param known last time that it may know
 * @param priced where the priced quotes are, a {@link PricedParts}
 */
record TrainTask(BlobRef market, BacktestOptions options, Model model, int known, BlobRef priced)
    implements Task<Network> {

  private static final int PATIENCE = 8;
  private static final double VALIDATION = 0.15;
  private static final int LEAST_SAMPLES = 50;

  @Override
  public Network run(TaskContext context) throws Exception {
    long start = System.nanoTime();
    MarketData data = Markets.of(context, market);
    Features features = new Features(data, options.window(), options.sequence());
    List<PricedQuote> quotes = quotes(context, data, features);
    if (quotes.size() < LEAST_SAMPLES) {
      throw new InputException(
          "trainTimes: %d quotes to train %s on (expected: at least %d; set it larger)"
              .formatted(quotes.size(), Scores.name(model), LEAST_SAMPLES));
    }
    float[][][] sequences = new float[quotes.size()][][];
    float[] targets = new float[quotes.size()];
    for (int i = 0; i < targets.length; i++) {
      PricedQuote q = quotes.get(i);
      Snapshot then = data.history().snapshots().get(q.target());
      double strike = q.quote().strike();
      sequences[i] =
          features.sequence(
              q.origin(), then.time(), then.spot(), q.quote().type(), strike, q.quote().expires());
      targets[i] = (float) ((model == Model.HYBRID ? -q.error() : q.quote().price()) / strike);
    }
    LstmSettings settings =
        LstmSettings.DEFAULT
            .until(options.epochs(), PATIENCE, VALIDATION)
            .seed(options.seed() + known);
    List<LstmFit.Epoch> epochs = new ArrayList<>();
    LstmFit fit =
        LstmTrainer.train(
            sequences,
            targets,
            settings,
            epoch -> {
              epochs.add(epoch);
              context
                  .log()
                  .info(
                      "{} up to time {}: epoch {}, validation error {}",
                      Scores.name(model),
                      known,
                      epochs.size(),
                      epoch.validationRmse());
            });
    return new Network(
        model,
        known,
        context.store().put(ByteBuffer.wrap(fit.model().toBytes())),
        targets.length,
        epochs.size(),
        epochs.get(fit.best()).validationRmse(),
        (System.nanoTime() - start) * 1e-9);
  }

  /** In order of time, each with its sequence, at most as many as the options say. */
  private List<PricedQuote> quotes(TaskContext context, MarketData data, Features features)
      throws Exception {
    Model base = base(options, model);
    int first = new Schedule(data.history().snapshots().size(), options).firstSequence();
    Thinned<PricedQuote> quotes = new Thinned<>(options.trainSamples());
    PricedParts.read(
        context,
        priced,
        q -> {
          if (q.model() == base
              && q.scenario().equals(Scenario.BASE.name())
              && q.target() <= known
              && q.origin() >= first
              && features.complete(q.origin())) {
            quotes.add(q);
          }
        });
    List<PricedQuote> sorted = new ArrayList<>(quotes.items());
    sorted.sort(Comparator.comparingInt(PricedQuote::target));
    return sorted;
  }

  /** The model whose priced quotes a network is trained on. */
  static Model base(BacktestOptions options, Model model) {
    return model == Model.HYBRID
        ? Model.HESTON_VASICEK
        : options.models().stream().filter(m -> !m.learned()).findFirst().orElseThrow();
  }
}
