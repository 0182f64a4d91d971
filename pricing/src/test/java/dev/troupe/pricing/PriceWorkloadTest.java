package dev.troupe.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.core.Json;
import dev.troupe.core.TaskFailedException;
import dev.troupe.core.Workload;
import dev.troupe.core.options.OptionsBinder;
import dev.troupe.core.options.OptionsException;
import dev.troupe.core.options.Violation;
import dev.troupe.pricing.fd.Grid;
import dev.troupe.testkit.LocalCluster;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PriceWorkloadTest {

  private static final String BLACK =
      "method=analytic s0=100 strike=100 expiry=1 rate=0.05 vol=0.2";
  private static final String HESTON =
      "model=heston method=analytic s0=100 strike=80,100,120 expiry=1 rate=0.025 v0=0.04 kappa=1.5"
          + " theta=0.04 sigma=0.3 rho=-0.9";
  private static final String HESTON_VASICEK =
      "model=heston-vasicek method=analytic s0=100 strike=100 expiry=1 rate=0.03 v0=0.05 kappa=2"
          + " theta=0.06 sigma=0.4 rho=-0.6 rateSpeed=0.2 rateMean=0.05 rateVol=0.015";

  /** As {@code --set} would give them; a later one replaces an earlier. */
  private static PriceOptions options(String... settings) {
    ObjectNode given = Json.readTree("{}").deepCopy();
    for (String setting : String.join(" ", settings).split(" ", -1)) {
      String[] parts = setting.split("=", 2);
      if (parts[1].isEmpty()) {
        given.remove(parts[0]);
      } else {
        given.put(parts[0], parts[1]);
      }
    }
    return OptionsBinder.bind(given, PriceOptions.class);
  }

  private static Map<String, Object> run(String... settings) throws Exception {
    PriceOptions options = options(settings);
    assertThat(new PriceWorkload().check(options)).isEmpty();
    try (LocalCluster cluster = new LocalCluster(1)) {
      return new PriceWorkload().run(cluster.job(), options).values();
    }
  }

  @Test
  void isFoundByItsName() {
    List<Object> found = new ArrayList<>();
    ServiceLoader.load(Workload.class).forEach(found::add);
    assertThat(found).hasAtLeastOneElementOfType(PriceWorkload.class);
  }

  @Test
  void oneStrikeGivesNumbers() throws Exception {
    Map<String, Object> result = run(BLACK);
    assertThat(result)
        .containsOnlyKeys(
            "strike",
            "price",
            "delta",
            "gamma",
            "vega",
            "rho",
            "theta",
            "errorEstimate",
            "grid",
            "seconds");
    assertThat((Double) result.get("price")).isCloseTo(10.4505835722, within(1e-9));
    assertThat((Double) result.get("vega")).isCloseTo(37.5240346917, within(1e-9));
    assertThat((Double) result.get("rho")).isCloseTo(53.2324815454, within(1e-9));
    assertThat((Double) result.get("theta")).isCloseTo(-6.4140275464, within(1e-9));
    assertThat((Double) result.get("errorEstimate")).isBetween(1e-16, 1e-12);
    assertThat((Double) result.get("seconds")).isPositive();
  }

  @Test
  void severalStrikesGiveLists() throws Exception {
    Map<String, Object> result = run(HESTON);
    assertThat(result).contains(entry("strike", List.of(80.0, 100.0, 120.0)));
    assertThat(result.get("price")).asInstanceOf(LIST).hasSize(3);
    List<?> prices = (List<?>) result.get("price");
    assertThat((Double) prices.get(1)).isCloseTo(8.8948693601, within(1e-8));
  }

  /** The estimate is measured: near the rounding here, and never far below the true error. */
  @Test
  void analyticErrorsAreMeasured() throws Exception {
    Map<String, Object> result = run(HESTON, "strike=80,100");
    for (Object error : (List<?>) result.get("errorEstimate")) {
      assertThat((Double) error).isBetween(1e-15, 1e-10);
    }
    assertThat((Double) run(HESTON_VASICEK).get("errorEstimate")).isBetween(1e-15, 1e-10);
  }

  @Test
  void allThreeModels() throws Exception {
    double call = (Double) run(HESTON_VASICEK).get("price");
    assertThat(call).isCloseTo(10.6082905425, within(1e-8));
    double put = (Double) run(HESTON_VASICEK, "type=put").get("price");
    assertThat(put).isCloseTo(call - 100 + 100 * 0.96866086710122, within(1e-9));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "strike=0 | strike",
        "strike=100,-1 | strike",
        "s0=0 | s0",
        "expiry=-0.5 | expiry",
        "vol=-0.1 | vol",
        "rate=5 | rate",
        "type=straddle | type",
        "model=sabr | model"
      })
  void valuesOutOfRangeAreRefusedByTheSchema(String setting, String field) {
    assertThatThrownBy(() -> options(BLACK, setting))
        .isInstanceOfSatisfying(
            OptionsException.class,
            e ->
                assertThat(e.violations())
                    .extracting(Violation::field)
                    .allMatch(f -> f.startsWith(field)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "kappa=0 | kappa",
        "v0=-0.04 | v0",
        "theta=-1 | theta",
        "sigma=-1 | sigma",
        "rho=1.01 | rho"
      })
  void parametersOutOfRangeAreRefusedByTheSchema(String setting, String field) {
    assertThatThrownBy(() -> options(HESTON, setting))
        .isInstanceOfSatisfying(
            OptionsException.class,
            e -> assertThat(e.violations()).extracting(Violation::field).containsExactly(field));
  }

  private static List<String> refusals(String... settings) {
    return new PriceWorkload().check(options(settings)).stream().map(Violation::toString).toList();
  }

  @Test
  void namesWhatTheModelNeedsAndWhatItDoesNotTake() {
    assertThat(refusals(HESTON, "vol=0.2", "kappa=", "rhoSr=0.1"))
        .containsExactly(
            "vol: 0.2 (expected: not given, since model heston has no such parameter)",
            "kappa: missing (expected: a number, since model is heston)",
            "rhoSr: 0.1 (expected: not given, since model heston has no such parameter)");
    assertThat(refusals(BLACK, "vol="))
        .containsExactly("vol: missing (expected: a number, since model is black-scholes)");
  }

  @Test
  void refusesCorrelationsThatAreNoMatrix() {
    assertThat(refusals(HESTON_VASICEK, "rho=-0.9", "rhoSr=0.9", "rhoVr=0.9"))
        .singleElement()
        .asString()
        .startsWith("rho, rhoSr, rhoVr: -0.9, 0.9, 0.9 (expected: a positive semi-definite");
  }

  @Test
  void refusesWhatHasNoFormula() {
    assertThat(refusals(BLACK, "exercise=american", "type=put"))
        .singleElement()
        .asString()
        .startsWith("exercise: american (expected: european, since method analytic has no");
    assertThat(refusals(HESTON_VASICEK, "rhoSr=0.3"))
        .singleElement()
        .asString()
        .startsWith("rhoSr, rhoVr: 0.3, 0.0 (expected: 0, 0, since method analytic has no");
  }

  @Test
  void finiteDifferencesMeetTheToleranceAndSayOnWhichGrid() throws Exception {
    Map<String, Object> exact = run(HESTON);
    Map<String, Object> pde = run(HESTON, "method=pde", "tolerance=0.002");
    List<?> expected = (List<?>) exact.get("price");
    List<?> actual = (List<?>) pde.get("price");
    for (int i = 0; i < expected.size(); i++) {
      assertThat((Double) actual.get(i)).isCloseTo((Double) expected.get(i), within(0.002));
      assertThat((Double) ((List<?>) pde.get("errorEstimate")).get(i)).isBetween(0.0, 0.002);
    }
    assertThat(pde.get("grid")).isNotNull();
    assertThat(exact.get("grid")).isNull();
  }

  @Test
  void finiteDifferencesTakeAGivenGridAndScheme() throws Exception {
    Map<String, Object> put =
        run(
            HESTON_VASICEK,
            "method=pde type=put exercise=american rhoSr=0.3 rhoVr=0.1 scheme=hundsdorfer-verwer",
            "gridSpot=60 gridVariance=24 gridRate=10 gridSteps=24");
    assertThat((Double) put.get("price")).isCloseTo(7.81083, within(0.02));
    assertThat(put.get("grid")).isEqualTo(new Grid(60, 24, 10, 24));
  }

  @Test
  void earlyExerciseAndControlAreOptions() throws Exception {
    String put =
        "method=pde type=put exercise=american gridSpot=64 gridVariance=32 gridSteps=64 strike=100";
    double split = (Double) run(HESTON, put).get("price");
    double projected = (Double) run(HESTON, put, "earlyExercise=projection").get("price");
    double uncontrolled = (Double) run(HESTON, put, "controlVariate=false").get("price");
    double controlled = (Double) run(HESTON, put, "controlVariate=true").get("price");
    assertThat(projected).isNotEqualTo(split).isCloseTo(split, within(0.02));
    assertThat(controlled).isNotEqualTo(uncontrolled).isCloseTo(uncontrolled, within(0.02));
    assertThat(refusals(HESTON, "method=pde", "earlyExercise=projection"))
        .containsExactly("earlyExercise: projection (expected: not given with exercise european)");
    assertThat(refusals(HESTON, "controlVariate=true"))
        .containsExactly(
            "controlVariate: true (expected: not given with method analytic, which has no grid)");
  }

  @Test
  void aToleranceOutOfReachFailsWithTheEstimateAlone() {
    assertThatThrownBy(() -> run(HESTON, "method=pde", "tolerance=1e-12"))
        .hasMessageStartingWith("price: tolerance: 1.0e-12 (expected: >= ")
        .hasMessageContaining("at best, on the finest grid")
        .isInstanceOfSatisfying(
            TaskFailedException.class, e -> assertThat(e.remoteStack()).isEmpty());
  }

  @Test
  void refusesGridsThatDoNotFitTheModelOrTheMethod() {
    assertThat(refusals(BLACK, "method=pde", "gridSpot=100"))
        .containsExactly(
            "gridSteps: missing (expected: the grid's size in each direction of the model, and"
                + " steps)");
    assertThat(
            refusals(HESTON, "method=pde gridSpot=100 gridSteps=50 gridVariance=50", "tolerance=1"))
        .containsExactly(
            "tolerance: 1.0 (expected: not given with a grid, which is taken as it is)");
    assertThat(refusals(HESTON, "method=pde gridSpot=10000 gridSteps=50 gridVariance=5000"))
        .containsExactly(
            "gridSpot: 10000 (expected: a grid of at most 2.0e+09 nodes times steps, not 2.5e+09)");
    assertThat(refusals(BLACK, "scheme=douglas", "tolerance=0.1"))
        .containsExactly(
            "scheme: douglas (expected: not given with method analytic, which has no grid)",
            "tolerance: 0.1 (expected: not given with method analytic, which has no grid)");
    assertThat(refusals(BLACK, "method=pde", "vol=0"))
        .containsExactly("vol: 0.0 (expected: > 0 with method pde; or set method=analytic)");
  }
}
