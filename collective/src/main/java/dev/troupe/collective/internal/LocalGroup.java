package dev.troupe.collective.internal;

import dev.troupe.collective.CollectiveConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The ranks of one host and the memory that they share. Segment 0 holds, for each member, a page of
 * control words and a staging area for buffers that are not in an arena; each later one is an
 * {@code allocate}.
 *
 * <p>Members keep in step by a phase counter each, written with release and read with acquire
 * order: a member that has passed {@link #barrier} sees all that others wrote before it.
 *
 * <p>A control page: the phase (offset 0), then two descriptions of an operation, used in turn: its
 * signature (8 bytes) and, for each buffer, segment and offset (8 bytes each).
 */
final class LocalGroup {
  /** Where a member's buffer is: a segment and an offset, or in its staging area. */
  record Place(int segment, int offset) {
    static final Place STAGED = new Place(-1, 0);

    boolean staged() {
      return segment < 0;
    }
  }

  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final int PAGE = 4096;
  private static final int DESCRIPTION = 1024;

  /** Staging area in chunks. */
  private static final int STAGING_CHUNKS = 4;

  private final List<Integer> members;
  private final int me;
  private final Control control;
  private final Fate fate;
  private final Waiter waiter;
  private final Path dir;
  private final int stagingBytes;
  private final List<Segment> segments = new ArrayList<>();
  private final List<ByteBuffer> own = new ArrayList<>();
  private long phase;
  private int description;

  LocalGroup(Joining joining, CollectiveConfig config) {
    int rank = joining.membership().rank();
    members = joining.groups().membersWith(rank);
    me = members.indexOf(rank);
    control = joining.control();
    fate = joining.fate();
    waiter = new Waiter(control, fate);
    dir = config.shmDir();
    stagingBytes = STAGING_CHUNKS * config.chunkBytes();
    if (members.size() > 1) {
      addSegment(PAGE + stagingBytes);
    }
  }

  /** Number of members. */
  int size() {
    return members.size();
  }

  /** This rank's index among the members. */
  int me() {
    return me;
  }

  /** The index of a rank of this host. */
  int indexOf(int rank) {
    return members.indexOf(rank);
  }

  int stagingBytes() {
    return stagingBytes;
  }

  /** Collective: memory that all members see. */
  ByteBuffer allocate(int bytes) {
    if (members.size() > 1) {
      addSegment(bytes);
      return Memory.slice(segments.get(segments.size() - 1).block(me), 0, bytes);
    }
    ByteBuffer memory = Memory.direct(bytes + 64);
    own.add(memory);
    return Memory.slice(memory, (int) (-Memory.address(memory) & 63), bytes);
  }

  /** The first member makes the file and tells the others, who map it; then it is unlinked. */
  private void addSegment(long bytes) {
    long stride = Segment.stride(bytes);
    int number = segments.size();
    Path file = null;
    try {
      if (me == 0) {
        file = create(number, stride);
        segments.add(Segment.map(file, members.size(), stride));
        awaitMapped(number);
      } else {
        segments.add(Segment.map(awaitFile(number, stride), members.size(), stride));
        control.send(members.get(0), Message.of(Message.Kind.MAPPED, number, 0));
      }
    } catch (IOException e) {
      String reason = "shared memory cannot be mapped: " + e;
      if (me != 0) {
        control.send(members.get(0), new Message(Message.Kind.MAPPED, number, 0, reason));
      }
      throw new UncheckedIOException(reason, e);
    } finally {
      Segment.unlink(file);
    }
  }

  private Path create(int number, long stride) {
    try {
      Path file = Segment.create(dir, stride * members.size());
      tell(new Message(Message.Kind.MAP, number, stride, file.toString()));
      return file;
    } catch (IllegalStateException e) {
      tell(new Message(Message.Kind.UNMAPPABLE, number, 0, e.getMessage()));
      throw e;
    }
  }

  private void tell(Message message) {
    for (int member = 1; member < members.size(); member++) {
      control.send(members.get(member), message);
    }
  }

  private void awaitMapped(int number) {
    for (int member = 1; member < members.size(); member++) {
      Message message = nextMail();
      expect(message, Message.Kind.MAPPED, number);
      if (!message.text().isEmpty()) {
        throw new IllegalStateException(message.text());
      }
    }
  }

  private Path awaitFile(int number, long stride) {
    Message message = nextMail();
    if (message.kind() == Message.Kind.UNMAPPABLE) {
      throw new IllegalStateException(message.text());
    }
    expect(message, Message.Kind.MAP, number);
    Path file = Path.of(message.text());
    if (message.b() != stride || !Segment.isArena(file, dir)) {
      throw new IllegalStateException(
          String.format(
              "an arena of %d bytes in %s (expected: %d bytes in %s): every rank must ask for the"
                  + " same sizes and have the same shmDir",
              message.b(), file.getParent(), stride, dir));
    }
    return file;
  }

  private static void expect(Message message, Message.Kind kind, int number) {
    if (message.kind() != kind || message.a() != number) {
      throw new IllegalStateException(
          "arena " + number + ": got " + message + " (expected: " + kind + ")");
    }
  }

  private Message nextMail() {
    long since = System.nanoTime();
    Control.Mail mail = control.takeMail();
    while (mail == null) {
      control.watch(since);
      mail = control.takeMail();
    }
    return mail.message();
  }

  /** Where members find this rank's buffer. */
  Place locate(ByteBuffer buffer) {
    if (members.size() > 1) {
      long address = Memory.address(buffer);
      for (int number = 1; number < segments.size(); number++) {
        ByteBuffer block = segments.get(number).block(me);
        long offset = address - Memory.address(block);
        if (offset >= 0 && offset + buffer.remaining() <= block.capacity()) {
          return new Place(number, (int) offset);
        }
      }
    }
    return Place.STAGED;
  }

  /** Tells members what this rank does and where its buffers are; seen by them after a barrier. */
  void publish(long signature, List<Place> places) {
    description = 1 - description;
    ByteBuffer page = page(me);
    int at = DESCRIPTION * (1 + description);
    page.putLong(at, signature);
    for (Place place : places) {
      page.putLong(at + 8, place.segment());
      page.putLong(at + 16, place.offset());
      at += 16;
    }
  }

  /** What a member published last. */
  long signature(int member) {
    return page(member).getLong(DESCRIPTION * (1 + description));
  }

  /** Where a member's buffer is, in the order that it published. */
  Place place(int member, int index) {
    int at = DESCRIPTION * (1 + description) + 8 + 16 * index;
    return new Place((int) page(member).getLong(at), (int) page(member).getLong(at + 8));
  }

  /** A part of a member's arena. */
  ByteBuffer view(int member, Place place, int offset, int bytes) {
    return Memory.slice(
        segments.get(place.segment()).block(member), place.offset() + offset, bytes);
  }

  /** A part of a member's staging area. */
  ByteBuffer staging(int member, int offset, int bytes) {
    return Memory.slice(page(member), PAGE + offset, bytes);
  }

  private ByteBuffer page(int member) {
    return segments.get(0).block(member);
  }

  /** Returns when all members have come here. */
  void barrier() {
    if (members.size() == 1) {
      return;
    }
    phase++;
    LONG.setRelease(page(me), 0, phase);
    for (int member = 0; member < members.size(); member++) {
      ByteBuffer page = page(member);
      waiter.begin();
      while ((long) LONG.getAcquire(page, 0) < phase) {
        waiter.pause();
      }
    }
  }

  /** No view of any segment may be used after this. */
  void close() {
    segments.forEach(Segment::unmap);
    segments.clear();
    own.forEach(Memory::release);
    own.clear();
  }
}
