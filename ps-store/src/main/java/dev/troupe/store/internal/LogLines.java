package dev.troupe.store.internal;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;

/** How a line of log looks. */
public final class LogLines {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private LogLines() {}

  /**
   * Each line as {@code time source | text} with a line feed.
   *
   * @param longest bytes of a formatted line at the most
   */
  public static List<byte[]> format(String source, Instant time, String lines, int longest) {
    String prefix = TIME.format(time) + ' ' + source.replaceAll("\\p{Cntrl}", "?") + " | ";
    Iterator<String> texts = lines.lines().iterator();
    List<byte[]> formatted = new ArrayList<>();
    while (texts.hasNext()) {
      formatted.add(cut((prefix + texts.next() + '\n').getBytes(StandardCharsets.UTF_8), longest));
    }
    return formatted;
  }

  private static byte[] cut(byte[] line, int longest) {
    if (line.length <= longest) {
      return line;
    }
    byte[] end =
        (" ... (a line of " + line.length + " bytes, cut)\n").getBytes(StandardCharsets.UTF_8);
    int kept = longest - end.length;
    while (kept > 0 && (line[kept] & 0xc0) == 0x80) {
      kept--; // not in the middle of a character
    }
    byte[] cut = new byte[kept + end.length];
    System.arraycopy(line, 0, cut, 0, kept);
    System.arraycopy(end, 0, cut, kept, end.length);
    return cut;
  }
}
