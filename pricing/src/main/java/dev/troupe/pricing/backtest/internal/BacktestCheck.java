package dev.troupe.pricing.backtest.internal;

import dev.troupe.core.InputException;
import dev.troupe.core.options.OptionsSchema;
import dev.troupe.core.options.Violation;
import dev.troupe.pricing.backtest.BacktestOptions;
import dev.troupe.pricing.backtest.BacktestOptions.Model;
import dev.troupe.pricing.market.MarketReader;
import dev.troupe.pricing.market.MarketTime;
import dev.troupe.pricing.market.QuoteFilter;
import dev.troupe.pricing.market.Snapshot;
import dev.troupe.pricing.market.Terms;
import dev.troupe.pricing.model.Option.Exercise;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/** What a schema cannot say about a back-test's options. */
public final class BacktestCheck {

  /** Rows that are tried; the rest is read when the job runs. */
  private static final long ROWS = 50_000;

  private final BacktestOptions options;
  private final List<Violation> violations = new ArrayList<>();

  private BacktestCheck(BacktestOptions options) {
    this.options = options;
  }

  /** Looks at the options, then at the rates and the first rows of the data. */
  public static List<Violation> check(BacktestOptions options) {
    BacktestCheck check = new BacktestCheck(options);
    check.lists();
    check.learned();
    check.scenarios();
    check.periods();
    check.bounds();
    if (check.violations.isEmpty()) {
      check.files();
    }
    return check.violations;
  }

  private void lists() {
    distinct("models", options.models());
    distinct("scenarios", options.scenarios());
    distinct("horizons", options.horizons());
    if (options.models().contains(Model.HESTON_VASICEK) && options.rates().isEmpty()) {
      refuse(
          "models",
          "heston-vasicek (expected: with rates=FILE, whose history the short rate is fitted to)");
    }
    if (options.exercise() == Exercise.AMERICAN
        && !options.models().contains(Model.HESTON_VASICEK)) {
      refuse(
          "exercise",
          "american (expected: heston-vasicek among models; the others price European options)");
    }
  }

  /** Networks are trained on what other models priced, and measured against one. */
  private void learned() {
    if (options.models().stream().noneMatch(Model::learned)) {
      return;
    }
    if (options.models().get(0).learned()) {
      refuse(
          "models",
          texts(options.models()) + " (expected: one that is not learned first, as black-scholes)");
    }
    if (options.models().contains(Model.HYBRID)
        && !options.models().contains(Model.HESTON_VASICEK)) {
      refuse("models", "hybrid (expected: heston-vasicek too, whose error it learns)");
    }
  }

  private void distinct(String field, List<?> values) {
    if (values.isEmpty()) {
      refuse(field, "none (expected: at least one)");
    } else if (new HashSet<>(values).size() < values.size()) {
      refuse(field, texts(values) + " (expected: each once)");
    }
  }

  private static List<String> texts(List<?> values) {
    return values.stream()
        .map(v -> v instanceof Enum<?> e ? OptionsSchema.enumText(e) : String.valueOf(v))
        .toList();
  }

  private void scenarios() {
    for (String text : options.scenarios()) {
      try {
        Scenario scenario = Scenario.parse(text);
        if (options.models().stream().noneMatch(scenario::concerns)) {
          refuse("scenarios", text + " (expected: a parameter of one of the models)");
        }
      } catch (IllegalArgumentException e) {
        refuse("scenarios", e.getMessage());
      }
    }
    if (!options.scenarios().contains(Scenario.BASE.name())) {
      refuse("scenarios", options.scenarios() + " (expected: base among them)");
    }
  }

  private void periods() {
    long before = Long.MIN_VALUE;
    for (String day : options.periods()) {
      try {
        long begins = MarketTime.parse(day + " 00:00");
        if (begins <= before) {
          refuse("periods", options.periods() + " (expected: days in order)");
        }
        before = begins;
      } catch (IllegalArgumentException e) {
        refuse("periods", "'" + day + "' (expected: a day, as 2007-07-01)");
      }
    }
  }

  private void bounds() {
    if (options.minDays() >= options.maxDays()) {
      refuse("minDays", options.minDays() + " (expected: < maxDays, " + options.maxDays() + ")");
    }
    if (options.minMoneyness() >= options.maxMoneyness()) {
      refuse(
          "minMoneyness",
          options.minMoneyness() + " (expected: < maxMoneyness, " + options.maxMoneyness() + ")");
    }
  }

  private void files() {
    Terms terms;
    try {
      terms = LoadTask.terms(options);
    } catch (InputException e) {
      refuse("rates", e.getMessage());
      return;
    }
    try {
      List<Path> files = options.data().stream().map(Path::of).toList();
      MarketReader.Read read =
          new MarketReader(terms, options.columns(), options.every()).read(files, ROWS);
      QuoteFilter.Filtered filtered = LoadTask.filter(options).apply(read.history(), terms);
      List<Snapshot> times = filtered.history().snapshots();
      if (read.whole()) {
        LoadTask.requireTimes(times.size(), LoadTask.names(filtered, read), options);
      }
      if (!times.isEmpty()) {
        terms.rates().at(times.get(0).time());
      }
    } catch (InputException e) {
      String[] parts = e.getMessage().split(": ", 2);
      boolean named = List.of("data", "columns", "rates", "trainTimes").contains(parts[0]);
      refuse(named ? parts[0] : "data", named ? parts[1] : e.getMessage());
    }
  }

  private void refuse(String field, String description) {
    violations.add(new Violation(field, description));
  }
}
