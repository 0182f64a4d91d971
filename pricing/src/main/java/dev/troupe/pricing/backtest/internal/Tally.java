package dev.troupe.pricing.backtest.internal;

import dev.troupe.core.JobContext;
import dev.troupe.pricing.backtest.BacktestOptions;
import dev.troupe.pricing.market.MarketHistory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;

/**
 * Takes in what tasks have priced, in the grid's order, whatever the order in which they end:
 * scores, dots for plots, files.
 */
final class Tally implements AutoCloseable {

  private final JobContext job;
  private final ScoreBoard board;
  private final Samples samples;
  private final Costs costs = new Costs();
  private final QuoteFiles files;

  Tally(JobContext job, MarketHistory history, BacktestOptions options) {
    this.job = job;
    board = new ScoreBoard(history, options);
    samples = new Samples(history);
    files = new QuoteFiles(history, job.scratch());
  }

  void add(PriceTask.Outcome outcome) {
    costs.add(outcome);
    try {
      PricedParts.read(
          job,
          new PricedParts.Part(outcome.rows(), outcome.count()),
          priced -> {
            board.add(priced);
            samples.add(priced);
            files.add(priced, board.segment(priced));
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  ScoreBoard board() {
    return board;
  }

  Samples samples() {
    return samples;
  }

  Costs costs() {
    return costs;
  }

  /** Makes the artifacts of all priced quotes; returns the SHA-256 of the CSV file. */
  String save() throws IOException, SQLException {
    return files.save(job);
  }

  @Override
  public void close() throws IOException {
    files.close();
  }
}
