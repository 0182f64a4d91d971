package dev.troupe.core.report;

/** The page around a report: its style sheet, and escaping. */
final class Html {

  private static final String STYLE =
      """
      :root { color-scheme: light dark; --ink: #1c2330; --soft: #5c6675; --rule: #dfe3ea;
        --page: #f6f7f9; --card: #ffffff; --c0: #2f6fdb; --c1: #d9622b; --c2: #2a9d6f;
        --c3: #8c4fc4; --c4: #b8860b; --c5: #c2376b; }
      @media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --soft: #9aa4b5;
        --rule: #333b49; --page: #14181f; --card: #1d232d; --c0: #6ea1ff; --c1: #ff9a66;
        --c2: #5fd0a0; --c3: #c29bf0; --c4: #e0b84f; --c5: #f27ba5; } }
      * { box-sizing: border-box; }
      body { margin: 0; background: var(--page); color: var(--ink);
        font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
      main { max-width: 1120px; margin: 0 auto; padding: 28px 20px 48px; }
      h1 { font-size: 26px; margin: 0; } h2 { font-size: 18px; margin: 30px 0 10px; }
      .subtitle { color: var(--soft); margin: 2px 0 22px; }
      .grid { display: grid; gap: 16px; margin: 0 0 16px; grid-template-columns: repeat(auto-fill, minmax(min(440px, 100%), 1fr)); }
      .card { background: var(--card); border: 1px solid var(--rule); border-radius: 10px;
        padding: 14px 16px; margin: 0 0 16px; overflow-x: auto; }
      .grid .card { margin: 0; }
      .card h3 { font-size: 14px; margin: 0 0 6px; }
      .tiles { display: grid; gap: 12px; margin: 0 0 16px; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); }
      .tile { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 10px 14px; }
      .tile .name { color: var(--soft); font-size: 12.5px; }
      .tile .value { font-size: 21px; font-weight: 600; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
      .tile .value.long { font: 12px/1.35 ui-monospace, monospace; padding-top: 6px; }
      table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
      th { text-align: left; color: var(--soft); font-weight: 600; font-size: 13px; }
      th, td { padding: 5px 14px 5px 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
      tr:last-child td { border-bottom: 0; }
      th.number, td.number { text-align: right; }
      td { white-space: pre-wrap; overflow-wrap: anywhere; }
      td.number { white-space: nowrap; }
      svg.plot { display: block; width: 100%; height: auto; }
      .plot text { fill: var(--ink); font-size: 12px; } .plot .tick { fill: var(--soft); }
      .plot .label { fill: var(--soft); font-size: 12.5px; }
      .plot .end { text-anchor: end; } .plot .middle { text-anchor: middle; }
      .plot .grid { stroke: var(--rule); stroke-width: 1; } .plot .axis { stroke: var(--soft); }
      .plot .line { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
      .plot .point { fill: none; stroke-width: 1.2; opacity: .7; }
      .plot .cell { fill: var(--c0); stroke: var(--rule); }
      .plot .dot { opacity: 0; } .plot .dot:hover { opacity: 1; }
      .c0 { stroke: var(--c0); } .c1 { stroke: var(--c1); } .c2 { stroke: var(--c2); }
      .c3 { stroke: var(--c3); } .c4 { stroke: var(--c4); } .c5 { stroke: var(--c5); }
      """;

  private Html() {}

  static String page(String title, String body) {
    return """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>%s</title>
        <style>
        %s</style>
        </head>
        <body>
        <main>
        %s</main>
        </body>
        </html>
        """
        .formatted(escape(title), STYLE, body);
  }

  static String escape(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&#39;");
        default -> out.append(c < ' ' && c != '\n' && c != '\t' ? '\uFFFD' : c);
      }
    }
    return out.toString();
  }
}
