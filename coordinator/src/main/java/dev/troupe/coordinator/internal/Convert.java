package dev.troupe.coordinator.internal;

import dev.troupe.cluster.protocol.ErrorInfo;
import dev.troupe.cluster.protocol.Payload;
import dev.troupe.cluster.protocol.Peer;
import dev.troupe.core.BlobRef;
import dev.troupe.proto.journal.v1.Blob;
import dev.troupe.proto.journal.v1.Error;
import dev.troupe.proto.journal.v1.Member;

/** Between the control protocol's records and the journal's messages. */
final class Convert {

  private Convert() {}

  static Blob blob(BlobRef ref) {
    return Blob.newBuilder().setSha256(ref.sha256()).setBytes(ref.bytes()).build();
  }

  static BlobRef blob(Blob blob) {
    return new BlobRef(blob.getSha256(), blob.getBytes());
  }

  static dev.troupe.proto.journal.v1.Payload payload(Payload payload) {
    var builder = dev.troupe.proto.journal.v1.Payload.newBuilder();
    if (payload.blob() != null) {
      return builder.setBlob(blob(payload.blob())).build();
    }
    return builder.setJson(payload.json()).build();
  }

  static Payload payload(dev.troupe.proto.journal.v1.Payload payload) {
    return payload.hasBlob()
        ? Payload.in(blob(payload.getBlob()))
        : Payload.inline(payload.getJson());
  }

  static Error error(ErrorInfo info) {
    return Error.newBuilder()
        .setMessage(info.message() == null ? "" : info.message())
        .setStack(info.stack() == null ? "" : info.stack())
        .build();
  }

  static ErrorInfo error(Error error) {
    return new ErrorInfo(error.getMessage(), error.getStack());
  }

  static Member member(Slot slot) {
    return Member.newBuilder()
        .setLeaseId(slot.leaseId())
        .setWorkerId(slot.lease().workerId())
        .setIncarnation(slot.lease().incarnation())
        .setHost(slot.peer().host())
        .setDataPort(slot.peer().dataPort())
        .setHostId(slot.peer().hostId())
        .build();
  }

  static Peer peer(Member member) {
    return new Peer(
        member.getWorkerId(), member.getHost(), member.getDataPort(), member.getHostId());
  }
}
