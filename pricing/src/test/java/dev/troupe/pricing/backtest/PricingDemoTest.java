package dev.troupe.pricing.backtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.troupe.core.Json;
import dev.troupe.testkit.LocalCluster;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PricingDemoTest {

  @Test
  void findsWhatTheMarketWasMadeOf() throws Exception {
    try (LocalCluster cluster = new LocalCluster(2)) {
      Map<String, Object> result =
          new PricingDemoWorkload().run(cluster.job(), new PricingDemoOptions(7, 100)).values();

      Map<String, JsonNode> recovered = new HashMap<>();
      for (JsonNode row : Json.mapper().valueToTree(result.get("recovered"))) {
        recovered.put(row.get("parameter").asText(), row);
      }
      for (String parameter : new String[] {"theta", "rho", "rate volatility"}) {
        double truth = recovered.get(parameter).get("truth").asDouble();
        assertThat(recovered.get(parameter).get("found").asDouble())
            .as(parameter)
            .isCloseTo(truth, within(0.2 * Math.abs(truth)));
      }
      assertThat(result).containsKeys("scores", "dieboldMariano", "pricesSha256", "table");
      assertThat(cluster.artifacts()).contains("report.html");
    }
  }
}
