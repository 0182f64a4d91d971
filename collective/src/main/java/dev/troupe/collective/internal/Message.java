package dev.troupe.collective.internal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What ranks say to each other beside the data: a kind, two numbers and a text. On the wire: kind
 * (1 byte), {@code a} and {@code b} (8 bytes each), the text's length (4 bytes) and the text.
 */
record Message(Kind kind, long a, long b, String text) {
  /** The meaning of {@code a}, {@code b} and the text. */
  enum Kind {
    /** Orderly end after {@code a} operations: no failure for ranks that are still in the last. */
    GOODBYE(0),
    /** The generation is over; {@code a} is the suspect, the text the reason. */
    ABORT(1),
    /** Which operation are you in? {@code a} is echoed. */
    QUERY(2),
    /** Answer: {@code b} operations entered. */
    REPLY(3),
    /** Map the file named by the text: blocks of {@code b} bytes, segment number {@code a}. */
    MAP(4),
    /** Segment {@code a} could not be made; the text says why. */
    UNMAPPABLE(5),
    /** Segment {@code a} is mapped here, or is not and the text says why. */
    MAPPED(6);

    private final byte code;

    Kind(int code) {
      this.code = (byte) code;
    }

    private static Kind of(byte code) {
      for (Kind kind : values()) {
        if (kind.code == code) {
          return kind;
        }
      }
      throw new IllegalArgumentException("control message of kind " + code);
    }
  }

  private static final int HEADER = 1 + 8 + 8 + 4;
  private static final int MAX_TEXT = 2000;

  /** The most bytes of a message. */
  static final int MAX = HEADER + 4 * MAX_TEXT;

  static Message of(Kind kind, long a, long b) {
    return new Message(kind, a, b, "");
  }

  ByteBuffer encode() {
    String shortened = text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT);
    byte[] utf8 = shortened.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(HEADER + utf8.length)
        .put(kind.code)
        .putLong(a)
        .putLong(b)
        .putInt(utf8.length)
        .put(utf8)
        .flip();
  }

  /** Takes one message off the front of {@code bytes}, if a whole one is there. */
  static Optional<Message> decode(ByteBuffer bytes) {
    if (bytes.remaining() < HEADER) {
      return Optional.empty();
    }
    int at = bytes.position();
    Kind kind = Kind.of(bytes.get(at));
    int length = bytes.getInt(at + HEADER - 4);
    if (length < 0 || length > MAX - HEADER) {
      throw new IllegalArgumentException("control message with a text of " + length + " bytes");
    }
    if (bytes.remaining() < HEADER + length) {
      return Optional.empty();
    }
    byte[] utf8 = new byte[length];
    bytes.get(at + HEADER, utf8);
    bytes.position(at + HEADER + length);
    return Optional.of(
        new Message(
            kind,
            bytes.getLong(at + 1),
            bytes.getLong(at + 9),
            new String(utf8, StandardCharsets.UTF_8)));
  }
}
