package dev.troupe.tensor.internal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The smallest archive that {@code torch.jit.load} takes: a zip of stored entries that hold a
 * format version, an empty table of constants, one object of class {@code __torch__.Ops}, and the
 * class's source.
 */
public final class ScriptArchive {

  private ScriptArchive() {}

  /** The archive of this source. */
  public static byte[] pack(String source) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.setMethod(ZipOutputStream.STORED);
      // the version whose operators the source means: older ones lack gelu's "approximate"
      put(zip, "x/version", "10\n".getBytes(StandardCharsets.US_ASCII));
      put(zip, "x/constants.pkl", latin("\u0080\u0002)."));
      put(zip, "x/data.pkl", latin(instance()));
      put(zip, "x/code/__torch__.py", source.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** A pickle, protocol 2: an {@code Ops} with {@code training} False and a hook that is None. */
  private static String instance() {
    return "\u0080\u0002c__torch__\nOps\n)\u0081}("
        + text("training")
        + "\u0089"
        + text("_is_full_backward_hook")
        + "Nub.";
  }

  private static String text(String value) {
    return "X" + (char) value.length() + "\0\0\0" + value;
  }

  private static byte[] latin(String pickle) {
    return pickle.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(content);
    ZipEntry entry = new ZipEntry(name);
    entry.setTime(0);
    entry.setSize(content.length);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }
}
