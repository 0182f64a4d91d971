package dev.troupe.pricing.backtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.core.InputException;
import dev.troupe.core.Json;
import dev.troupe.core.TaskFailedException;
import dev.troupe.core.Workload;
import dev.troupe.core.duckdb.DuckDb;
import dev.troupe.core.options.OptionsBinder;
import dev.troupe.core.options.Violation;
import dev.troupe.core.report.Report;
import dev.troupe.pricing.market.MarketTime;
import dev.troupe.testkit.LocalCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BacktestTest {

  private static final List<String> ALL =
      List.of("models=black-scholes,black-scholes-realised,heston,heston-vasicek");

  private static final List<String> LEARNED =
      List.of(
          "models=black-scholes,heston,heston-vasicek,lstm,hybrid",
          "trainTimes=15",
          "retrain=10",
          "sequence=3",
          "epochs=2",
          "trainSamples=500");

  @TempDir private static Path folder;
  private static Path quotes;
  private static Path rates;

  @BeforeAll
  static void writeAMarket() throws Exception {
    quotes = folder.resolve("quotes.csv");
    rates = folder.resolve("rates.csv");
    MarketFiles.write(40, 60, quotes, rates);
  }

  private static BacktestOptions options(List<String> settings) {
    ObjectNode given = Json.readTree("{}").deepCopy();
    given.put("data", quotes.toString()).put("rates", rates.toString());
    given.put("dividend", "0.01").put("window", "5").put("maxDays", "400");
    for (String setting : settings) {
      String[] parts = setting.split("=", 2);
      given.put(parts[0], parts[1]);
    }
    return OptionsBinder.bind(given, BacktestOptions.class);
  }

  /** A finished run. */
  private record Run(Map<String, Object> result, LocalCluster cluster) {

    List<Map<String, String>> rows() {
      List<String> lines = cluster.text("quotes.csv").lines().toList();
      String[] names = lines.get(0).split(",", -1);
      List<Map<String, String>> rows = new ArrayList<>();
      for (String line : lines.subList(1, lines.size())) {
        String[] values = line.split(",", -1);
        Map<String, String> row = new TreeMap<>();
        for (int i = 0; i < names.length; i++) {
          row.put(names[i], values[i]);
        }
        rows.add(row);
      }
      return rows;
    }

    JsonNode score(String model, int horizon) {
      for (JsonNode row : Json.mapper().valueToTree(result.get("scores"))) {
        if (row.get("model").asText().equals(model)
            && row.get("horizon").asInt() == horizon
            && row.get("scenario").asText().equals("base")
            && row.get("segment").asText().equals("walk-forward")) {
          return row;
        }
      }
      throw new AssertionError("no score of " + model);
    }
  }

  private static Run run(int workers, List<String> settings) throws Exception {
    BacktestOptions options = options(settings);
    assertThat(new BacktestWorkload().check(options)).isEmpty();
    try (LocalCluster cluster = new LocalCluster(workers)) {
      return new Run(new BacktestWorkload().run(cluster.job(), options).values(), cluster);
    }
  }

  @Test
  void isFoundByItsName() {
    List<Object> found = new ArrayList<>();
    ServiceLoader.load(Workload.class).forEach(found::add);
    assertThat(found).hasAtLeastOneElementOfType(BacktestWorkload.class);
  }

  @Test
  void findsTheModelThatTheMarketWasMadeOf() throws Exception {
    Run run = run(2, ALL);

    double truth = run.score("heston-vasicek", 1).get("volRmse").asDouble();
    assertThat(truth).isLessThan(0.02); // the variance moves by about that much a day
    assertThat(run.score("black-scholes-realised", 1).get("volRmse").asDouble())
        .isGreaterThan(2 * truth);
    assertThat(run.score("heston-vasicek", 5).get("volRmse").asDouble()).isGreaterThan(truth);
    assertThat(run.score("black-scholes", 1).get("hedge").asDouble()).isEqualTo(1);
    assertThat(run.score("black-scholes", 1).get("fairHedge").asDouble()).isEqualTo(1);
    for (String model :
        List.of("heston", "heston-vasicek")) { // its spot and variance are correlated
      double fair = run.score(model, 1).get("fairHedge").asDouble();
      assertThat(fair).isLessThan(1).isLessThan(run.score(model, 1).get("hedge").asDouble());
    }
    assertThat(run.score("heston", 1).get("inside").asDouble()).isBetween(0.05, 1.0);
    assertThat(run.cluster().artifacts())
        .contains("quotes.csv", "quotes.parquet", Report.HTML, Report.JSON);
    assertThat(run.result().get("table").toString())
        .contains("walk-forward", "last block", "heston-vasicek");
    assertThat(run.cluster().text(Report.HTML))
        .contains("Model against market", "Heston: correlation of spot and variance", "no bid");
  }

  @Test
  void givesTheSameBitsOnOneWorkerAndOnFour() throws Exception {
    Run one = run(1, LEARNED);
    Run four = run(4, LEARNED);

    assertThat(four.cluster().text("quotes.csv")).isEqualTo(one.cluster().text("quotes.csv"));
    assertThat(four.result().get("pricesSha256")).isEqualTo(one.result().get("pricesSha256"));
    assertThat(four.cluster().tasks())
        .isEqualTo(one.cluster().tasks())
        .contains("fit/0", "price/15");
    assertThat(one.cluster().tasks()).contains("train/3", "price learned/0");
    List<String> times = four.cluster().text("times.csv").lines().toList();
    assertThat(times).contains("part,what,seconds").hasSize(1 + four.cluster().tasks().size() + 2);
    for (String model : List.of("heston", "heston-vasicek", "lstm", "hybrid")) {
      assertThat(four.score(model, 5).get("rmse")).isEqualTo(one.score(model, 5).get("rmse"));
    }
  }

  @Test
  void aMarketOfWhichNothingCanBePricedFailsAndSaysWhatTheFiltersTook() throws Exception {
    List<String> crossed = new ArrayList<>();
    String time = "";
    for (String line : Files.readAllLines(quotes)) {
      String[] fields = line.split(",", -1);
      if (!fields[0].equals("time") && fields[0].equals(time)) { // all but one quote at a time
        String bid = fields[5];
        fields[5] = Double.toString(1 + Double.parseDouble(fields[6]));
        fields[6] = bid;
      }
      time = fields[0];
      crossed.add(String.join(",", fields));
    }
    Path file = Files.write(folder.resolve("crossed.csv"), crossed);

    assertThatThrownBy(() -> run(1, List.of("data=" + file, "models=heston")))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("data: none of ")
        .hasMessageContaining("crossed=");
  }

  @Test
  void noPriceDependsOnALaterQuote() throws Exception {
    List<String> lines = Files.readAllLines(quotes);
    List<String> times = lines.stream().skip(1).map(l -> l.substring(0, 19)).distinct().toList();
    String changed = times.get(25);
    List<String> other = new ArrayList<>();
    for (String line : lines) {
      String[] fields = line.split(",", -1);
      boolean later = line.compareTo(changed) >= 0 && !line.startsWith("time");
      if (later) { // by a factor, so that filters leave out the same contracts as before
        fields[5] = Double.toString(Double.parseDouble(fields[5]) * 1.01);
        fields[6] = Double.toString(Double.parseDouble(fields[6]) * 1.01);
      }
      other.add(String.join(",", fields));
    }
    Path file = Files.write(folder.resolve("changed.csv"), other);
    List<String> settings = new ArrayList<>(LEARNED);
    settings.add("holdout=0");
    Run before = run(2, settings);
    settings.add("data=" + file);
    Run after = run(2, settings);

    Map<String, String> priced = prices(after);
    assertThat(priced).containsOnlyKeys(prices(before).keySet());
    int compared = 0;
    int moved = 0;
    for (Map.Entry<String, String> price : prices(before).entrySet()) {
      boolean known = price.getKey().compareTo(changed) < 0 || fitted(price.getKey(), changed);
      if (known) {
        assertThat(priced.get(price.getKey())).as(price.getKey()).isEqualTo(price.getValue());
        compared++;
      } else if (!price.getValue().equals(priced.get(price.getKey()))) {
        moved++;
      }
    }
    assertThat(compared).isGreaterThan(1000);
    assertThat(moved).isGreaterThan(1000);
  }

  /** Whether a row's model was fitted before the time. */
  private static boolean fitted(String key, String time) {
    return key.split(",", -1)[1].compareTo(time) < 0;
  }

  /** All digits of price and delta, by time, fit and contract. */
  private static Map<String, String> prices(Run run) {
    return run.rows().stream()
        .collect(
            Collectors.toMap(
                r ->
                    Stream.of("time", "fitted", "model", "type", "expiry", "strike")
                        .map(r::get)
                        .collect(Collectors.joining(",")),
                r -> r.get("price") + " " + r.get("delta"),
                (a, b) -> a,
                TreeMap::new));
  }

  @Test
  void nothingOfTheLastBlockIsPricedFromBeforeIt() throws Exception {
    List<Map<String, String>> rows = run(2, List.of("holdout=0.25")).rows();
    List<String> last =
        rows.stream()
            .filter(r -> r.get("segment").equals("last block"))
            .map(r -> r.get("time"))
            .sorted()
            .toList();
    assertThat(last).isNotEmpty();
    assertThat(rows)
        .filteredOn(r -> r.get("time").compareTo(last.get(0)) >= 0)
        .allSatisfy(r -> assertThat(r.get("segment")).isEqualTo("last block"));
    String begins =
        Files.readAllLines(quotes).stream()
            .skip(1)
            .map(l -> l.substring(0, 19))
            .distinct()
            .skip(30)
            .findFirst()
            .orElseThrow();
    assertThat(rows)
        .filteredOn(r -> r.get("segment").equals("last block"))
        .allSatisfy(r -> assertThat(r.get("fitted")).isGreaterThanOrEqualTo(begins));
  }

  @Test
  void noNetworkKnowsTheLastBlockOrWhatItPrices() throws Exception {
    Run run = run(2, LEARNED);
    JsonNode networks = Json.mapper().valueToTree(run.result().get("networks"));
    assertThat(networks.findValues("known").stream().map(JsonNode::asInt))
        .containsExactly(21, 31, 21, 31);
    assertThat(networks.findValuesAsText("model"))
        .containsExactly("lstm", "lstm", "hybrid", "hybrid");
    List<String> times =
        Files.readAllLines(quotes).stream()
            .skip(1)
            .map(l -> l.substring(0, 19))
            .distinct()
            .toList();
    assertThat(run.rows())
        .filteredOn(r -> r.get("model").equals("lstm"))
        .isNotEmpty()
        .allSatisfy(r -> assertThat(r.get("fitted")).isGreaterThanOrEqualTo(times.get(21)));
    assertThat(run.rows())
        .filteredOn(r -> r.get("fitted").compareTo(times.get(21)) < 0)
        .isNotEmpty()
        .allSatisfy(r -> assertThat(r.get("segment")).isEqualTo("warm-up"));
  }

  @Test
  void hedgesWithTheModelsDelta() throws Exception {
    List<Map<String, String>> rows =
        run(1, List.of("models=black-scholes", "horizons=1", "holdout=0")).rows();
    Map<String, Map<String, String>> byKey =
        rows.stream()
            .collect(
                Collectors.toMap(
                    r -> r.get("time") + r.get("type") + r.get("expiry") + r.get("strike"),
                    r -> r));
    List<String> times = rows.stream().map(r -> r.get("time")).distinct().sorted().toList();
    int checked = 0;
    for (Map<String, String> row : rows) {
      int at = times.indexOf(row.get("time"));
      Map<String, String> next =
          at + 1 == times.size()
              ? null
              : byKey.get(
                  times.get(at + 1) + row.get("type") + row.get("expiry") + row.get("strike"));
      if (next != null) {
        double gained = number(next, "market") - number(row, "market");
        double move = number(next, "spot") - number(row, "spot");
        double hedged = gained - number(row, "delta") * move;
        double years =
            MarketTime.years(
                MarketTime.parse(row.get("time")), MarketTime.parse(times.get(at + 1)));
        double shares = number(row, "delta") * number(row, "spot");
        double financed = number(row, "market") - shares;
        double carried = (0.04 * financed + 0.01 * shares) * years;
        // the rate is within 3 % of those 4 %
        assertThat(number(row, "hedge_error"))
            .isCloseTo(hedged - carried, within(0.03 * Math.abs(financed) * years + 1e-9));
        checked++;
      }
    }
    assertThat(checked).isGreaterThan(500);
  }

  private static double number(Map<String, String> row, String name) {
    return Double.parseDouble(row.get(name));
  }

  @Test
  void scenariosAndPeriodsAreScoredApart() throws Exception {
    Run run =
        run(
            2,
            List.of(
                "models=black-scholes,heston",
                "scenarios=base,sigma*2,vol*1.2",
                "periods=2024-04-20",
                "horizons=1"));
    JsonNode rows = Json.mapper().valueToTree(run.result().get("scores"));
    assertThat(rows.findValuesAsText("scenario")).contains("base", "sigma*2", "vol*1.2");
    assertThat(rows.findValuesAsText("segment")).contains("to 2024-04-20", "from 2024-04-20");
    for (JsonNode row : rows) {
      assertThat(row.get("scenario").asText() + row.get("model").asText())
          .isNotIn("sigma*2black-scholes", "vol*1.2heston");
    }
  }

  @Test
  void artifactsHoldTheSameRowsAsCsvAndParquet() throws Exception {
    Run run = run(1, List.of("models=black-scholes", "horizons=1"));
    assertThat(run.result().get("priced")).isEqualTo((long) run.rows().size());
    Path parquet = folder.resolve("copy.parquet");
    try (var connection = DuckDb.open();
        var statement = connection.createStatement()) {
      Path csv = Files.writeString(folder.resolve("copy.csv"), run.cluster().text("quotes.csv"));
      Files.write(parquet, run.cluster().artifact("quotes.parquet"));
      String sum =
          "SELECT count(*), sum(CAST(price AS DOUBLE)), max(CAST(time AS TIMESTAMP)) FROM ";
      List<List<Object>> sums = new ArrayList<>();
      for (String source : List.of(DuckDb.csv(statement, csv), DuckDb.parquet(parquet))) {
        try (var result = statement.executeQuery(sum + source)) {
          assertThat(result.next()).isTrue();
          sums.add(List.of(result.getObject(1), result.getObject(2), result.getObject(3)));
        }
      }
      assertThat(sums.get(0)).isEqualTo(sums.get(1));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "models=heston,heston | models: [heston, heston] (expected: each once)",
        "scenarios=sigma*1.2 | scenarios: [sigma*1.2] (expected: base among them)",
        "scenarios=base,nu*2 | scenarios: 'nu*2' (expected: base or PARAMETER*FACTOR",
        "scenarios=base,rate-vol*2 | scenarios: rate-vol*2 (expected: a parameter of one of the models)",
        "periods=2024-05-01,2024-04-01 | periods: [2024-05-01, 2024-04-01] (expected: days in order)",
        "periods=may | periods: 'may' (expected: a day, as 2007-07-01)",
        "exercise=american | exercise: american (expected: heston-vasicek among models",
        "models=lstm,black-scholes | models: [lstm, black-scholes] (expected: one that is not learned first",
        "models=black-scholes,hybrid | models: hybrid (expected: heston-vasicek too, whose error it learns)",
        "models=black-scholes,lstm | trainTimes: 120 (expected: fewer, since 40 times with quotes are left",
        "minDays=400 | minDays: 400.0 (expected: < maxDays, 400.0)",
        "window=36 | data: 40 times with quotes (expected: at least 42, for a window of 36 and a horizon of 5",
        "data=none.csv | data: none.csv: no such file",
        "rates=none.csv | rates: none.csv: no such file",
        "columns=strike=K | no column K (expected: one of",
        "columns=K=strike | columns: 'K=strike' (expected: OURS=THEIRS",
        "maxSpread=1e-9 | data: 0 times with quotes (expected: at least 11, for a window of 5 and a horizon of 5; filters dropped {no bid=",
      })
  void saysAtSubmitWhatIsWrong(String setting, String message) {
    List<Violation> violations = new BacktestWorkload().check(options(List.of(setting)));
    assertThat(violations.toString()).contains(message);
  }

  @Test
  void needsRatesForARandomRate() {
    ObjectNode given = Json.readTree("{}").deepCopy();
    given.put("data", quotes.toString()).put("models", "heston-vasicek");
    BacktestOptions options = OptionsBinder.bind(given, BacktestOptions.class);
    assertThat(new BacktestWorkload().check(options).toString())
        .contains("models: heston-vasicek (expected: with rates=FILE");
  }

  @Test
  void failsWithTheLineThatAFileBreaksAt() throws Exception {
    Path broken = folder.resolve("broken.csv");
    List<String> lines = new ArrayList<>(Files.readAllLines(quotes));
    lines.set(1000, lines.get(1000).replaceFirst(",[^,]*$", ",abc"));
    Files.write(broken, lines);
    BacktestOptions options = options(List.of("data=" + broken));
    assertThat(new BacktestWorkload().check(options).toString())
        .contains("line 1001, column ask: 'abc' (expected: a number)");
    try (LocalCluster cluster = new LocalCluster(1)) {
      assertThatThrownBy(() -> new BacktestWorkload().run(cluster.job(), options))
          .hasMessageContaining("line 1001, column ask: 'abc' (expected: a number)")
          .isInstanceOfSatisfying(
              TaskFailedException.class, e -> assertThat(e.remoteStack()).isEmpty());
    }
  }
}
