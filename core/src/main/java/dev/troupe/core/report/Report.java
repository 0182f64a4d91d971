package dev.troupe.core.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.troupe.core.BlobRef;
import dev.troupe.core.WorkContext;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a job leaves for its reader, put together from top to bottom and written twice: as one HTML
 * file that needs nothing else (style and plots inside, no scripts), and as JSON.
 *
 * <pre>{@code
 * new Report("Fine-tuning", "job 42")
 *     .figures(Map.of("loss", 1.23))
 *     .plot(Plot.of("Loss", "step", "nats a token", steps, losses))
 *     .save(job);
 * }</pre>
 */
public final class Report {

  /** The name of the HTML artifact. */
  public static final String HTML = "report.html";

  /** The name of the JSON artifact. */
  public static final String JSON = "report.json";

  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** A value with more characters than this is set small. */
  private static final int LONG_VALUE = 16;

  private final String title;
  private final String subtitle;
  private final List<Block> blocks = new ArrayList<>();

  private sealed interface Block {}

  private record Heading(String text) implements Block {}

  private record Paragraph(String text) implements Block {}

  private record Figures(Map<String, Object> values) implements Block {}

  private record Table(String caption, List<String> columns, List<List<Object>> rows)
      implements Block {}

  /** What stands side by side with its like. */
  private sealed interface Drawing extends Block {
    String title();

    String svg();
  }

  private record Curves(Plot plot) implements Drawing {
    @Override
    public String title() {
      return plot.title();
    }

    @Override
    public String svg() {
      return SvgPlot.draw(plot);
    }
  }

  private record Cells(HeatMap map) implements Drawing {
    @Override
    public String title() {
      return map.title();
    }

    @Override
    public String svg() {
      return SvgHeatMap.draw(map);
    }
  }

  public Report(String title, String subtitle) {
    this.title = title;
    this.subtitle = subtitle;
  }

  /** Begins a section. */
  public Report heading(String text) {
    blocks.add(new Heading(text));
    return this;
  }

  /** A paragraph. */
  public Report text(String text) {
    blocks.add(new Paragraph(text));
    return this;
  }

  /** Single figures, large, side by side, in the map's order. */
  public Report figures(Map<String, ?> values) {
    blocks.add(new Figures(new LinkedHashMap<>(values)));
    return this;
  }

  /**
   * A table.
   *
   * @param rows each as long as {@code columns}; a column of numbers is set flush right
   */
  public Report table(String caption, List<String> columns, List<? extends List<?>> rows) {
    List<List<Object>> copy = new ArrayList<>();
    for (List<?> row : rows) {
      if (row.size() != columns.size()) {
        throw new IllegalArgumentException(
            "table %s: a row of %d cells (expected: %d)"
                .formatted(caption, row.size(), columns.size()));
      }
      copy.add(new ArrayList<>(row));
    }
    blocks.add(new Table(caption, List.copyOf(columns), copy));
    return this;
  }

  /** A plot; plots that follow each other stand side by side where there is room. */
  public Report plot(Plot plot) {
    blocks.add(new Curves(plot));
    return this;
  }

  /** A heat map; it stands side by side with plots where there is room. */
  public Report heatMap(HeatMap map) {
    blocks.add(new Cells(map));
    return this;
  }

  /** Makes the artifacts {@link #HTML} and {@link #JSON}; returns the former. */
  public BlobRef save(WorkContext context) {
    context.artifact(JSON, json().getBytes(StandardCharsets.UTF_8));
    return context.artifact(HTML, html().getBytes(StandardCharsets.UTF_8));
  }

  /** The whole page. */
  public String html() {
    StringBuilder body = new StringBuilder();
    body.append("<h1>").append(Html.escape(title)).append("</h1>\n");
    body.append("<p class=\"subtitle\">").append(Html.escape(subtitle)).append("</p>\n");
    boolean inGrid = false;
    for (Block block : blocks) {
      boolean plot = block instanceof Drawing;
      if (plot != inGrid) {
        body.append(plot ? "<div class=\"grid\">\n" : "</div>\n");
        inGrid = plot;
      }
      body.append(html(block));
    }
    return Html.page(title, body.append(inGrid ? "</div>\n" : "").toString());
  }

  private static String html(Block block) {
    if (block instanceof Heading h) {
      return "<h2>" + Html.escape(h.text()) + "</h2>\n";
    }
    if (block instanceof Paragraph p) {
      return "<p>" + Html.escape(p.text()) + "</p>\n";
    }
    if (block instanceof Figures f) {
      return tiles(f);
    }
    if (block instanceof Table t) {
      return table(t);
    }
    Drawing drawing = (Drawing) block;
    return "<section class=\"card\"><h3>%s</h3>\n%s</section>\n"
        .formatted(Html.escape(drawing.title()), drawing.svg());
  }

  private static String tiles(Figures figures) {
    StringBuilder html = new StringBuilder("<div class=\"tiles\">\n");
    figures
        .values()
        .forEach(
            (name, value) -> {
              String text = Numbers.cell(value);
              html.append(
                  "<div class=\"tile\"><div class=\"name\">%s</div><div class=\"value%s\">%s</div></div>\n"
                      .formatted(
                          Html.escape(name),
                          text.length() > LONG_VALUE ? " long" : "",
                          Html.escape(text)));
            });
    return html.append("</div>\n").toString();
  }

  private static String table(Table table) {
    StringBuilder html = new StringBuilder("<section class=\"card\">");
    html.append("<h3>").append(Html.escape(table.caption())).append("</h3>\n<table>\n<tr>");
    List<String> styles = new ArrayList<>();
    for (int c = 0; c < table.columns().size(); c++) {
      int column = c;
      boolean numbers = table.rows().stream().allMatch(r -> r.get(column) instanceof Number);
      styles.add(numbers ? " class=\"number\"" : "");
      html.append(
          "<th%s>%s</th>".formatted(styles.get(c), Html.escape(table.columns().get(column))));
    }
    html.append("</tr>\n");
    for (List<Object> row : table.rows()) {
      html.append("<tr>");
      for (int c = 0; c < row.size(); c++) {
        html.append(
            "<td%s>%s</td>".formatted(styles.get(c), Html.escape(Numbers.cell(row.get(c)))));
      }
      html.append("</tr>\n");
    }
    return html.append("</table></section>\n").toString();
  }

  /** The same content as an object: {@code title}, {@code subtitle}, {@code blocks}. */
  public String json() {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("title", title);
    object.put("subtitle", subtitle);
    object.put("blocks", blocks.stream().map(Report::data).toList());
    try {
      return MAPPER.writeValueAsString(object);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("report: " + e.getOriginalMessage(), e);
    }
  }

  private static Map<String, Object> data(Block block) {
    Map<String, Object> data = new LinkedHashMap<>();
    if (block instanceof Heading h) {
      data.put("heading", h.text());
    } else if (block instanceof Paragraph p) {
      data.put("text", p.text());
    } else if (block instanceof Figures f) {
      data.put("figures", f.values());
    } else if (block instanceof Table t) {
      data.put("table", t.caption());
      data.put("columns", t.columns());
      data.put("rows", t.rows());
    } else if (block instanceof Curves c) {
      data.put("plot", c.plot().title());
      data.put("x", c.plot().x());
      data.put("y", c.plot().y());
      data.put("lines", c.plot().lines().stream().map(Report::data).toList());
    } else if (block instanceof Cells c) {
      data.put("heatMap", c.map().title());
      data.put("x", c.map().x());
      data.put("y", c.map().y());
      data.put("columns", c.map().columns());
      data.put("rows", c.map().rows());
      data.put("values", c.map().values());
    }
    return data;
  }

  private static Map<String, Object> data(Plot.Line line) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("name", line.name());
    data.put("x", line.x());
    data.put("y", line.y());
    return data;
  }
}
