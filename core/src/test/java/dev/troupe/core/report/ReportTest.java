package dev.troupe.core.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

class ReportTest {

  private static Report sample() {
    List<Double> x = new ArrayList<>();
    List<Double> y = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      x.add((double) i);
      y.add(i == 700 ? Double.NaN : 3 * Math.exp(-i / 300.0));
    }
    return new Report("Loss & <gain>", "job \"7\"")
        .figures(Map.of("final loss", 0.12345678))
        .heading("Curves")
        .plot(new Plot("Loss", "step", "nats", List.of(new Plot.Line("a<b", x, y))))
        .plot(Plot.of("Flat", "step", "rate", List.of(1.0, 2.0), List.of(0.0, 0.0)))
        .plot(
            new Plot(
                "Dots",
                "market",
                "model",
                List.of(new Plot.Line("m", List.of(2.0, 1.0), List.of(1.0, Double.NaN))),
                Plot.Mark.POINTS))
        .heatMap(
            new HeatMap(
                "Errors",
                "money<ness>",
                "tenor",
                List.of("near", "far"),
                List.of("short"),
                List.of(Arrays.asList(0.5, null))))
        .text("a & b")
        .table("Kinds", List.of("kind", "match"), List.of(List.of("copy", 0.5), List.of("add", 1)));
  }

  @Test
  void everyPlotIsWellFormedXml() throws Exception {
    Matcher svg = Pattern.compile("<svg.*?</svg>", Pattern.DOTALL).matcher(sample().html());
    int plots = 0;
    while (svg.find()) {
      DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(new InputSource(new StringReader(svg.group())));
      assertThat(svg.group()).doesNotContain("NaN").doesNotContain("Infinity");
      plots++;
    }
    assertThat(plots).isEqualTo(4);
  }

  @Test
  void aLongLegendTakesMoreRowsInPlaceOfRunningOffTheEdge() {
    List<Plot.Line> lines = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      lines.add(new Plot.Line("a model with a long name", List.of(0.0, 1.0), List.of(0.0, 1.0)));
    }
    String html = new Report("Legend", "").plot(new Plot("Errors", "days", "error", lines)).html();
    Matcher name = Pattern.compile("x=\"([0-9.]+)\"[^>]*>a model with").matcher(html);
    int names = 0;
    while (name.find()) {
      assertThat(Double.parseDouble(name.group(1))).isLessThan(640 - 24 * 5.8);
      names++;
    }
    assertThat(names).isEqualTo(6);
  }

  @Test
  void pageStandsAloneAndEscapesWhatItIsGiven() {
    String html = sample().html();
    assertThat(html)
        .contains("Loss &amp; &lt;gain&gt;")
        .contains("a &amp; b")
        .doesNotContain("<script")
        .doesNotContain("http")
        .doesNotContain("src=");
    assertThat(html.split("<div", -1)).hasSameSizeAs(html.split("</div>", -1));
    assertThat(html.split("<section", -1)).hasSameSizeAs(html.split("</section>", -1));
    assertThat(html.length()).isLessThan(100_000);
  }

  @Test
  void jsonHoldsTheWholeData() throws Exception {
    JsonNode json = new ObjectMapper().readTree(sample().json());
    assertThat(json.get("title").asText()).isEqualTo("Loss & <gain>");
    JsonNode plot = json.get("blocks").get(2);
    assertThat(plot.get("plot").asText()).isEqualTo("Loss");
    assertThat(plot.get("lines").get(0).get("y")).hasSize(2000);
    assertThat(json.get("blocks").get(7).get("rows").get(1).get(0).asText()).isEqualTo("add");
    assertThat(json.get("blocks").get(5).get("values").get(0).get(0).asDouble()).isEqualTo(0.5);
  }

  @Test
  void ticksAreRound() {
    assertThat(Numbers.ticks(0, 3.15, 5)).containsExactly(0.0, 1.0, 2.0, 3.0);
    assertThat(Numbers.ticks(-0.05, 0.95, 5)).hasSize(5).contains(0.0);
    assertThat(Numbers.format(0.0020000001)).isEqualTo("0.002");
    assertThat(Numbers.format(15310.4)).isEqualTo("15,310");
    assertThat(Numbers.format(1.25e-7)).isEqualTo("1.25e-07");
  }

  @Test
  void refusesRaggedInput() {
    assertThatThrownBy(() -> new Plot.Line("loss", List.of(1.0), List.of()))
        .hasMessage("line loss: 0 values of y (expected: as many as x, 1)");
    assertThatThrownBy(() -> new Report("t", "s").table("k", List.of("a"), List.of(List.of(1, 2))))
        .hasMessage("table k: a row of 2 cells (expected: 1)");
    List<String> one = List.of("a");
    assertThatThrownBy(() -> new HeatMap("h", "", "", one, one, List.of(List.of(1.0, 2.0))))
        .hasMessage("values of h: (expected: 1 rows of 1)");
  }
}
