package dev.troupe.coordinator.internal;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import java.util.Base64;

/** Protobuf messages as fields of CBOR messages between coordinators. */
final class Wire {

  private Wire() {}

  static String encode(MessageLite message) {
    return Base64.getEncoder().encodeToString(message.toByteArray());
  }

  static <M> M decode(String text, Parser<M> parser) {
    try {
      return parser.parseFrom(Base64.getDecoder().decode(text));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("not a message of this version", e);
    }
  }
}
