package dev.troupe.lm.internal;

/**
 * Jinja's rules for white space, applied to a template's source: {@code trim_blocks} (a newline
 * behind a block goes), {@code lstrip_blocks} (blanks before a block that begins a line go), the
 * minus signs that take all white space on their side, and the template's last newline. Jinjava has
 * these rules too but keeps blanks that Jinja takes at the head of a loop's body.
 */
final class JinjaWhitespace {

  private final String source;
  private final StringBuilder out = new StringBuilder();

  private JinjaWhitespace(String source) {
    this.source = source;
  }

  /** A template that renders the same with none of the rules switched on; comments are left out. */
  static String resolve(String source) {
    return new JinjaWhitespace(
            source.endsWith("\n") ? source.substring(0, source.length() - 1) : source)
        .run();
  }

  private String run() {
    int at = 0;
    while (at < source.length()) {
      int open = nextTag(at);
      out.append(source, at, open);
      at = open == source.length() ? open : tag(open);
    }
    return out.toString();
  }

  private int nextTag(int from) {
    for (int i = from; i + 1 < source.length(); i++) {
      if (source.charAt(i) == '{' && "{%#".indexOf(source.charAt(i + 1)) >= 0) {
        return i;
      }
    }
    return source.length();
  }

  /** Writes the tag that begins at {@code open}; where the text behind it goes on. */
  private int tag(int open) {
    char kind = source.charAt(open + 1);
    int close = close(open + 2, kind);
    int first = open + 2;
    int last = close;
    char left = first < close ? source.charAt(first) : ' ';
    char right = last > first ? source.charAt(last - 1) : ' ';
    if (left == '-') {
      takeEnd(whiteBefore(open, false));
    } else if (left != '+' && kind != '{') {
      int blanks = whiteBefore(open, true);
      int line = open - blanks;
      takeEnd(line == 0 || source.charAt(line - 1) == '\n' ? blanks : 0);
    }
    first += left == '-' || left == '+' ? 1 : 0;
    last -= (right == '-' || right == '+') && last > first ? 1 : 0;
    if (kind != '#') {
      out.append('{').append(kind).append(source, first, last);
      out.append(kind == '{' ? '}' : kind).append('}');
    }
    int next = Math.min(close + 2, source.length());
    if (right == '-') {
      while (next < source.length() && Character.isWhitespace(source.charAt(next))) {
        next++;
      }
    } else if (right != '+' && kind != '{' && source.startsWith("\n", next)) {
      next++;
    }
    return next;
  }

  /** Where the tag's closing pair begins; quoted text may hold such a pair. */
  private int close(int from, char kind) {
    String pair = (kind == '{' ? "}" : Character.toString(kind)) + "}";
    char quote = 0;
    for (int i = from; i < source.length(); i++) {
      char c = source.charAt(i);
      if (quote != 0) {
        if (c == '\\') {
          i++;
        } else if (c == quote) {
          quote = 0;
        }
      } else if (kind != '#' && (c == '\'' || c == '"')) {
        quote = c;
      } else if (source.startsWith(pair, i)) {
        return i;
      }
    }
    throw new IllegalArgumentException(
        "chat template: a tag is not closed: "
            + source.substring(from - 2, Math.min(source.length(), from + 30)));
  }

  /** Characters of white space, or of blanks alone, in the source before {@code end}. */
  private int whiteBefore(int end, boolean blanksOnly) {
    int start = end;
    while (start > 0 && isWhite(source.charAt(start - 1), blanksOnly)) {
      start--;
    }
    return end - start;
  }

  private static boolean isWhite(char c, boolean blanksOnly) {
    return blanksOnly ? c == ' ' || c == '\t' : Character.isWhitespace(c);
  }

  /** Takes up to {@code most} white characters off the output; the tag before took some already. */
  private void takeEnd(int most) {
    int end = out.length();
    for (int i = 0; i < most && end > 0 && Character.isWhitespace(out.charAt(end - 1)); i++) {
      end--;
    }
    out.setLength(end);
  }
}
