package dev.troupe.pricing.analytic;

import static dev.troupe.pricing.model.Option.Exercise.EUROPEAN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.troupe.core.Json;
import dev.troupe.pricing.model.Heston;
import dev.troupe.pricing.model.HestonVasicek;
import dev.troupe.pricing.model.Option;
import dev.troupe.pricing.model.Vasicek;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Prices that QuantLib gives, by {@code src/test/python/golden.py}. */
class GoldenTest {

  private static final double SPOT = 100;

  private static JsonNode golden(String name) throws IOException {
    try (InputStream in = GoldenTest.class.getResourceAsStream("/golden/analytic.json")) {
      return Json.readTree(new String(in.readAllBytes(), StandardCharsets.UTF_8)).get(name);
    }
  }

  private static Option option(JsonNode node) {
    return new Option(
        Option.Type.valueOf(node.get("type").asText().toUpperCase(Locale.ROOT)),
        EUROPEAN,
        number(node, "strike"),
        number(node, "days") / 365);
  }

  private static Heston variance(JsonNode node) {
    return new Heston(
        number(node, "v0"),
        number(node, "kappa"),
        number(node, "theta"),
        number(node, "sigma"),
        number(node, "rho"));
  }

  /** The Vasicek rate under which a bond to the expiry yields the golden value's flat rate. */
  private static Vasicek rate(JsonNode node) {
    double speed = number(node, "rateSpeed");
    double vol = number(node, "rateVol");
    double expiry = number(node, "days") / 365;
    double convexity = VasicekBond.variance(new Vasicek(0, speed, 0, vol), expiry) / (2 * expiry);
    double level = number(node, "rate") + convexity;
    return new Vasicek(level, speed, level, vol);
  }

  private static double number(JsonNode node, String field) {
    return node.get(field).asDouble();
  }

  @Test
  void heston() throws IOException {
    for (JsonNode node : golden("heston")) {
      double price =
          HestonFormula.price(
                  option(node),
                  SPOT,
                  number(node, "rate"),
                  number(node, "dividend"),
                  variance(node))
              .price();
      assertThat(price).as(node.toString()).isCloseTo(number(node, "price"), within(1e-8));
    }
  }

  @Test
  void hestonHullWhite() throws IOException {
    for (JsonNode node : golden("hestonHullWhite")) {
      HestonVasicek model = new HestonVasicek(variance(node), rate(node), 0, 0);
      double price =
          HestonVasicekFormula.price(option(node), SPOT, number(node, "dividend"), model).price();
      assertThat(price).as(node.toString()).isCloseTo(number(node, "price"), within(1e-7));
    }
  }

  @Test
  void blackHullWhite() throws IOException {
    for (JsonNode node : golden("blackHullWhite")) {
      double price =
          BlackVasicek.price(
                  option(node),
                  SPOT,
                  number(node, "dividend"),
                  number(node, "vol"),
                  rate(node),
                  number(node, "rhoSr"))
              .price();
      assertThat(price).as(node.toString()).isCloseTo(number(node, "price"), within(1e-9));
    }
  }
}
