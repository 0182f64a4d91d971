package dev.troupe.pricing.lstm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.QRDecomposition;
import org.junit.jupiter.api.Test;

/** The task: a sign is seen in the first step, and turns the number that is seen in the last. */
class LstmTrainerTest {
  private static final int TIME = 6;
  private static final int TRAINED = 768;
  private static final int UNSEEN = 256;
  private static final LstmSettings QUICK =
      LstmSettings.DEFAULT.network(12, 1, 0).until(40, 10, 0.2);

  private final float[][][] features = new float[TRAINED + UNSEEN][TIME][2];
  private final float[] targets = new float[TRAINED + UNSEEN];

  LstmTrainerTest() {
    SplittableRandom random = new SplittableRandom(5);
    for (int s = 0; s < targets.length; s++) {
      features[s][0][0] = random.nextBoolean() ? 1 : -1;
      for (int t = 0; t < TIME; t++) {
        features[s][t][1] = (float) random.nextDouble();
      }
      targets[s] = 50 + 10 * features[s][0][0] * features[s][TIME - 1][1];
    }
  }

  private float[][][] trained() {
    return Arrays.copyOf(features, TRAINED);
  }

  private float[] trainedTargets() {
    return Arrays.copyOf(targets, TRAINED);
  }

  private float[][][] unseen() {
    return Arrays.copyOfRange(features, TRAINED, TRAINED + UNSEEN);
  }

  private double rmse(float[] values) {
    double squares = 0;
    for (int i = 0; i < UNSEEN; i++) {
      double error = values[i] - targets[TRAINED + i];
      squares += error * error;
    }
    return Math.sqrt(squares / UNSEEN);
  }

  @Test
  void learnsWhatALinearModelCannot() {
    LstmFit fit = LstmTrainer.train(trained(), trainedTargets(), QUICK);
    double error = rmse(fit.model().predict(unseen()));
    assertThat(error).isLessThan(0.6);
    assertThat(linearError()).isGreaterThan(2.5); // the sign alone tells that much
    assertThat(fit.epochs().get(fit.best()).validationRmse()).isCloseTo(error, within(0.3));
  }

  /** Least squares on all numbers of all steps. */
  private double linearError() {
    QRDecomposition regression = new QRDecomposition(new Array2DRowRealMatrix(rows(0, TRAINED)));
    double[] y = new double[TRAINED];
    for (int s = 0; s < TRAINED; s++) {
      y[s] = targets[s];
    }
    double[] values =
        new Array2DRowRealMatrix(rows(TRAINED, TRAINED + UNSEEN))
            .operate(regression.getSolver().solve(new ArrayRealVector(y)).toArray());
    float[] floats = new float[UNSEEN];
    for (int s = 0; s < UNSEEN; s++) {
      floats[s] = (float) values[s];
    }
    return rmse(floats);
  }

  private double[][] rows(int from, int to) {
    double[][] rows = new double[to - from][TIME + 2];
    for (int s = from; s < to; s++) {
      double[] row = rows[s - from];
      row[0] = 1;
      row[1] = features[s][0][0];
      for (int t = 0; t < TIME; t++) {
        row[t + 2] = features[s][t][1];
      }
    }
    return rows;
  }

  @Test
  void theSameSeedGivesTheSameBits() {
    LstmSettings settings = QUICK.network(6, 2, 0.2).until(3, 3, 0.2);
    LstmFit fit = LstmTrainer.train(trained(), trainedTargets(), settings);
    LstmFit again = LstmTrainer.train(trained(), trainedTargets(), settings);
    assertThat(again.model().toBytes()).isEqualTo(fit.model().toBytes());
    assertThat(again.epochs()).isEqualTo(fit.epochs());
    assertThat(again.model().predict(unseen())).isEqualTo(fit.model().predict(unseen()));
    LstmFit other = LstmTrainer.train(trained(), trainedTargets(), settings.seed(2));
    assertThat(other.model().toBytes()).isNotEqualTo(fit.model().toBytes());
  }

  /** Whatever the validation samples are, weights and scales of a number of epochs are the same. */
  @Test
  void validationSamplesTrainNothing() {
    LstmSettings settings = QUICK.until(1, 1, 0.25);
    float[][][] changed = trained();
    float[] changedTargets = trainedTargets();
    for (int s = TRAINED - TRAINED / 4; s < TRAINED; s++) {
      changed[s] = new float[TIME][2];
      changedTargets[s] = 1e6f;
    }
    LstmFit fit = LstmTrainer.train(trained(), trainedTargets(), settings);
    LstmFit other = LstmTrainer.train(changed, changedTargets, settings);
    assertThat(other.model().toBytes()).isEqualTo(fit.model().toBytes());
    assertThat(other.epochs().get(0).validationRmse())
        .isNotEqualTo(fit.epochs().get(0).validationRmse());
  }

  @Test
  void stopsWhenValidationNoLongerImproves() {
    SplittableRandom random = new SplittableRandom(1);
    float[] noise = new float[64];
    for (int s = 0; s < noise.length; s++) {
      noise[s] = (float) random.nextDouble();
    }
    float[][][] few = Arrays.copyOf(features, noise.length);
    LstmFit fit = LstmTrainer.train(few, noise, QUICK.until(400, 5, 0.25));
    assertThat(fit.epochs()).hasSizeLessThan(400);
    assertThat(fit.epochs().size() - 1 - fit.best()).isEqualTo(5);
    double best = fit.epochs().get(fit.best()).validationRmse();
    assertThat(fit.epochs()).allMatch(epoch -> epoch.validationRmse() >= best);
  }

  @Test
  void bytesAreTheModel() {
    LstmFit fit = LstmTrainer.train(trained(), trainedTargets(), QUICK.until(1, 1, 0));
    byte[] bytes = fit.model().toBytes();
    LstmModel read = LstmModel.fromBytes(bytes);
    assertThat(read.predict(unseen())).isEqualTo(fit.model().predict(unseen()));
    assertThat(read.toBytes()).isEqualTo(bytes);
    assertThat(fit.epochs().get(0).validationRmse()).isNaN();
    assertThat(read.predict(new float[0][][])).isEmpty();
    assertThatThrownBy(() -> LstmModel.fromBytes(Arrays.copyOf(bytes, 100)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aFeatureThatNeverMovesDoesNoHarm() {
    float[][][] still = trained();
    for (float[][] sample : still) {
      for (float[] step : sample) {
        step[1] = 7;
      }
    }
    LstmFit fit = LstmTrainer.train(still, trainedTargets(), QUICK.until(2, 2, 0.2));
    assertThat(fit.model().predict(still)).doesNotContain(Float.NaN);
  }

  @Test
  void saysWhatIsWrongWithTheSamples() {
    assertThatThrownBy(() -> LstmTrainer.train(new float[0][][], new float[0], QUICK))
        .hasMessageStartingWith("features: none (expected: ");
    assertThatThrownBy(() -> LstmTrainer.train(trained(), new float[3], QUICK))
        .hasMessage("targets: 3 (expected: 768, one a sample)");
    float[][][] one = {{{1}}};
    assertThatThrownBy(() -> LstmTrainer.train(one, new float[1], QUICK))
        .hasMessageStartingWith("features: 1 samples (expected: at least 2 to train on");
    float[][][] ragged = {{{1}, {2}}, {{1}}};
    assertThatThrownBy(() -> LstmTrainer.train(ragged, new float[2], QUICK))
        .hasMessage("features[1]: 1 steps (expected: 2, as features[0])");
    float[][][] hole = {{{1}}, {{Float.NaN}}};
    assertThatThrownBy(() -> LstmTrainer.train(hole, new float[2], QUICK))
        .hasMessage("features[1][0][0]: NaN (expected: a finite number)");
    LstmModel model = LstmTrainer.train(trained(), trainedTargets(), QUICK.until(1, 1, 0)).model();
    assertThatThrownBy(() -> model.predict(one))
        .hasMessage("features[0][0]: 1 features (expected: 2, as in training)");
    assertThatThrownBy(() -> LstmSettings.DEFAULT.network(8, 1, 1))
        .hasMessage("dropout: 1.0 (expected: in [0, 1))");
  }
}
