package dev.troupe.coordinator.internal;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.troupe.proto.journal.v1.IndexEvent;
import dev.troupe.proto.journal.v1.IndexSnapshot;
import dev.troupe.proto.journal.v1.JobEvent;
import dev.troupe.proto.journal.v1.JobSnapshot;
import java.io.NotSerializableException;
import java.util.Map;
import org.apache.pekko.serialization.SerializerWithStringManifest;

/** Writes the journal's messages under short names that outlive any renaming of classes. */
public final class JournalSerializer extends SerializerWithStringManifest {

  private static final Map<String, Parser<? extends MessageLite>> PARSERS =
      Map.of(
          "je", JobEvent.parser(),
          "js", JobSnapshot.parser(),
          "ie", IndexEvent.parser(),
          "is", IndexSnapshot.parser());

  @Override
  public int identifier() {
    return 76_001;
  }

  @Override
  public String manifest(Object message) {
    if (message instanceof JobEvent) {
      return "je";
    } else if (message instanceof JobSnapshot) {
      return "js";
    } else if (message instanceof IndexEvent) {
      return "ie";
    } else if (message instanceof IndexSnapshot) {
      return "is";
    }
    throw new IllegalArgumentException("not a message of the journal: " + message.getClass());
  }

  @Override
  public byte[] toBinary(Object message) {
    return ((MessageLite) message).toByteArray();
  }

  @Override
  public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
    Parser<? extends MessageLite> parser = PARSERS.get(manifest);
    if (parser == null) {
      throw new NotSerializableException(
          "the journal holds a '" + manifest + "', which this version of Troupe does not know");
    }
    try {
      return parser.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("the journal holds a damaged '" + manifest + "'", e);
    }
  }
}
