package dev.troupe.pricing.lstm;

import dev.troupe.pricing.lstm.LstmFit.Epoch;
import dev.troupe.pricing.lstm.internal.Chance;
import dev.troupe.pricing.lstm.internal.Samples;
import dev.troupe.pricing.lstm.internal.Scaling;
import dev.troupe.tensor.AdamW;
import dev.troupe.tensor.FlatMath;
import dev.troupe.tensor.Layout;
import dev.troupe.tensor.Lstm;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Trains an LSTM by AdamW on the mean squared error. Nothing of the future is looked at: samples
 * come in order of time, the last ones validate, and neither the scales of features and target nor
 * the batches know them. The same samples, settings and number of the engine's threads give the
 * same bits.
 */
public final class LstmTrainer {

  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;

  /** Longest gradient that is followed to its end. */
  private static final double CLIP = 1;

  private final LstmSettings settings;
  private final Chance chance;
  private final Lstm.Size size;
  private final Layout layout;
  private final int trained;
  private final Scaling featureScale;
  private final Scaling targetScale;
  private final float[] x;
  private final float[] y;
  private final ByteBuffer parameters;
  private final ByteBuffer gradients;
  private final AdamW optimizer;

  private LstmTrainer(float[][][] features, float[] targets, LstmSettings settings) {
    this.settings = settings;
    trained = features.length - (int) Math.round(settings.validation() * features.length);
    featureScale = Scaling.of(features, trained);
    targetScale = Scaling.of(Samples.of(targets), trained);
    x = featureScale.flatten(features);
    y = targetScale.flatten(Samples.of(targets));
    size = new Lstm.Size(features[0][0].length, settings.hidden(), settings.layers());
    layout = Lstm.layout(size);
    parameters = FlatMath.allocate(layout.size());
    gradients = FlatMath.allocate(layout.size());
    chance = new Chance(settings.seed());
    chance.weights(size, parameters);
    optimizer =
        new AdamW(
            layout,
            0,
            layout.size(),
            new AdamW.Options(BETA1, BETA2, EPSILON, settings.weightDecay()));
  }

  /**
   * Trains without a word.
   *
   * @see #train(float[][][], float[], LstmSettings, Consumer)
   */
  public static LstmFit train(float[][][] features, float[] targets, LstmSettings settings) {
    return train(features, targets, settings, epoch -> {});
  }

  /**
   * Trains.
   *
   * @param features {@code [sample, time, feature]}, samples in order of time
   * @param targets one a sample
   * @param progress is told each epoch when it is done; what it throws ends training
   * @throws IllegalArgumentException if samples differ in shape, a number is not finite, or fewer
   *     than two samples are left to train on
   * @throws IllegalStateException if training diverges
   */
  public static LstmFit train(
      float[][][] features, float[] targets, LstmSettings settings, Consumer<Epoch> progress) {
    Samples.check(features, targets);
    LstmTrainer trainer = new LstmTrainer(features, targets, settings);
    if (trainer.trained < 2) {
      throw new IllegalArgumentException(
          "features: %d samples (expected: at least 2 to train on beside a share of %s to validate)"
              .formatted(features.length, settings.validation()));
    }
    try (Lstm lstm = new Lstm(trainer.size, trainer.parameters)) {
      return trainer.fit(lstm, progress);
    }
  }

  private LstmFit fit(Lstm lstm, Consumer<Epoch> progress) {
    boolean validates = trained < y.length;
    List<Epoch> epochs = new ArrayList<>();
    int[] order = IntStream.range(0, trained).toArray();
    int best = 0;
    LstmModel model = null;
    while (epochs.size() < settings.epochs() && epochs.size() - best <= settings.patience()) {
      Epoch epoch = new Epoch(epoch(lstm, order), validates ? validate(lstm) : Double.NaN);
      requireFinite(epoch, epochs.size());
      boolean better =
          !validates || model == null || epoch.validationRmse() < epochs.get(best).validationRmse();
      epochs.add(epoch);
      if (better) {
        best = epochs.size() - 1;
        model = new LstmModel(size, parameters, featureScale, targetScale);
      }
      progress.accept(epoch);
    }
    return new LstmFit(model, epochs, best);
  }

  /** Root of the mean squared error of a pass in a new order, each batch's before its step. */
  private double epoch(Lstm lstm, int[] order) {
    chance.shuffle(order);
    int width = x.length / y.length;
    int time = width / size.features();
    double squares = 0;
    for (int from = 0; from < trained; from += settings.batch()) {
      int to = Math.min(trained, from + settings.batch());
      int dropped = settings.layers() * (to - from) * time * settings.hidden();
      double loss =
          lstm.lossBackward(
              Samples.rows(x, width, order, from, to),
              Samples.rows(y, 1, order, from, to),
              chance.masks(dropped, settings.dropout()),
              gradients);
      squares += loss * (to - from);
      double clip = FlatMath.clipScale(FlatMath.norm(gradients), CLIP);
      optimizer.step(parameters, gradients, settings.learningRate(), clip);
    }
    return unscaledRoot(squares / trained);
  }

  private double validate(Lstm lstm) {
    int width = x.length / y.length;
    int count = y.length - trained;
    float[] values = LstmModel.forward(lstm, Samples.rows(x, width, trained, y.length), count);
    double squares = 0;
    for (int i = 0; i < count; i++) {
      double error = values[i] - y[trained + i];
      squares += error * error;
    }
    return unscaledRoot(squares / count);
  }

  private double unscaledRoot(double meanSquare) {
    return Math.sqrt(meanSquare) * targetScale.deviation()[0];
  }

  private void requireFinite(Epoch epoch, int index) {
    if (!Double.isFinite(epoch.trainingRmse())) {
      throw new IllegalStateException(
          "training diverged in epoch %d: its error is %s (learningRate: %s; try a smaller one)"
              .formatted(index, epoch.trainingRmse(), settings.learningRate()));
    }
  }
}
