package dev.troupe.collective.internal;

import dev.troupe.collective.Transport;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * What a connecting rank says of itself and of the connection.
 *
 * @param from the rank that connects
 * @param to the rank that it wants
 * @param size ranks in the gang
 * @param lane {@link #CONTROL}, or the number of a data connection
 * @param lanes data connections between the two
 * @param chunkBytes as configured
 * @param transport as configured
 */
record Hello(
    String gang,
    long generation,
    int from,
    int to,
    int size,
    int lane,
    int lanes,
    int chunkBytes,
    Transport transport) {

  /** The lane of the control connection. */
  static final int CONTROL = -1;

  private static final int MAGIC = 0x54525031; // "TRP1": the protocol and its version

  byte[] encode() throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(bytes)) {
      out.writeInt(MAGIC);
      out.writeUTF(gang);
      out.writeLong(generation);
      for (int value : new int[] {from, to, size, lane, lanes, chunkBytes}) {
        out.writeInt(value);
      }
      out.writeUTF(transport.name());
    }
    return bytes.toByteArray();
  }

  static Hello decode(byte[] bytes) throws IOException {
    try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int magic = in.readInt();
      if (magic != MAGIC) {
        throw new IOException("not a rank of this version of Troupe: magic " + magic);
      }
      return new Hello(
          in.readUTF(),
          in.readLong(),
          in.readInt(),
          in.readInt(),
          in.readInt(),
          in.readInt(),
          in.readInt(),
          in.readInt(),
          Transport.valueOf(in.readUTF()));
    } catch (IllegalArgumentException e) {
      throw new IOException("not a hello: " + e.getMessage(), e);
    }
  }
}
