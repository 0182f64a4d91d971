package dev.troupe.cluster.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.troupe.cluster.NodeConfig;
import dev.troupe.core.BlobRef;
import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.serialization.Serializer;
import org.apache.pekko.serialization.jackson.JacksonCborSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every message of the protocol goes through the serializer that Artery uses and comes back equal.
 * The samples are made from the records themselves, so a new message is tested by being there.
 */
class ProtocolSerializationTest {

  private static ActorTestKit kit;
  private static ActorRef<FromCoordinator> worker;

  @BeforeAll
  static void start() {
    Config local = ConfigFactory.parseString("pekko.actor.provider = local");
    kit = ActorTestKit.create(NodeConfig.of(local).raw());
    worker = kit.createTestProbe(FromCoordinator.class).getRef();
  }

  @AfterAll
  static void stop() {
    kit.shutdownTestKit();
  }

  static Stream<Class<?>> messages() {
    return Stream.of(FromWorker.class, FromCoordinator.class, ToJob.class)
        .flatMap(root -> Arrays.stream(root.getPermittedSubclasses()));
  }

  @ParameterizedTest
  @MethodSource("messages")
  void comesBackEqual(Class<?> type) {
    assertThat(roundTrip(record(type, Sample.FULL))).isEqualTo(record(type, Sample.FULL));
  }

  @ParameterizedTest
  @MethodSource("messages")
  void comesBackEqualWhereNothingIsSet(Class<?> type) {
    assertThat(roundTrip(record(type, Sample.EMPTY))).isEqualTo(record(type, Sample.EMPTY));
  }

  /** A job's message inside an envelope keeps its own type. */
  @ParameterizedTest
  @MethodSource("jobMessages")
  void everyMessageToAJobTravelsInAnEnvelope(Class<?> type) {
    var envelope = new FromWorker.Envelope("j", "w", "1", 7, (ToJob) record(type, Sample.FULL));
    assertThat(roundTrip(envelope)).isEqualTo(envelope);
  }

  /** Artery would drop it, and the worker would never be let in again. */
  @Test
  void aHelloThatNamesManyTasksFitsAFrame() {
    List<FromWorker.Held> held = new ArrayList<>();
    for (int lease = 0; lease < 32; lease++) {
      List<String> keys = new ArrayList<>();
      for (int task = 0; task < 1024; task++) {
        keys.add("evaluate-checkpoints/" + (lease * 1024 + task));
      }
      held.add(
          new FromWorker.Held(
              UUID.randomUUID().toString(), "job", Lease.Kind.TASKS, List.copyOf(keys), 0));
    }
    FromWorker.Hello empty = (FromWorker.Hello) record(FromWorker.Hello.class, Sample.FULL);
    FromWorker.Hello hello = new FromWorker.Hello(empty.info(), empty.self(), held, false, "");
    assertThat(serialize(hello).length).isLessThan(256 * 1024 - 4096);
    assertThat(roundTrip(hello)).isEqualTo(hello);
  }

  static Stream<Class<?>> jobMessages() {
    return Arrays.stream(ToJob.class.getPermittedSubclasses());
  }

  @Test
  void aFullBatchFitsAnArteryFrameWhateverItsAlphabet() {
    for (String letter : List.of("a", "\"", "é", "漢", "😀")) {
      List<ToJob.TaskEnd> ends = new ArrayList<>();
      int bytes = 0;
      for (int i = 0; i < Limits.MAX_BATCH; i++) {
        Payload result = Payload.inline(letter.repeat(500));
        if (bytes + result.inlineBytes() > Limits.MAX_MESSAGE_BYTES) {
          break;
        }
        bytes += result.inlineBytes();
        ends.add(new ToJob.TaskEnd("a-fairly-long-prefix/" + i, 1, result, null, 0.25));
      }
      assertThat(bytes).isEqualTo(utf8(letter) * 500 * ends.size());
      byte[] frame =
          serialize(new FromWorker.Envelope("j", "w", "1", 1, new ToJob.TasksEnded("l", ends)));
      assertThat(frame.length).as(letter).isLessThan(256 * 1024 - 4096);
    }
  }

  private static int utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  private static byte[] serialize(Object message) {
    return SerializationExtension.get(kit.system()).serialize(message).get();
  }

  private static Object roundTrip(Object message) {
    Serialization serialization = SerializationExtension.get(kit.system());
    Serializer serializer = serialization.findSerializerFor(message);
    assertThat(serializer).isInstanceOf(JacksonCborSerializer.class);
    return serialization
        .deserialize(serialize(message), serializer.identifier(), message.getClass().getName())
        .get();
  }

  /** How much of a record is set. */
  private enum Sample {
    FULL,
    EMPTY
  }

  private static Object record(Class<?> type, Sample sample) {
    RecordComponent[] components = type.getRecordComponents();
    Class<?>[] types = new Class<?>[components.length];
    Object[] values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      types[i] = components[i].getType();
      values[i] = value(components[i].getGenericType(), sample);
    }
    try {
      Constructor<?> canonical = type.getDeclaredConstructor(types);
      return canonical.newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(type.getName() + " has no sample", e);
    }
  }

  private static Object value(Type type, Sample sample) {
    boolean full = sample == Sample.FULL;
    if (type instanceof ParameterizedType generic) {
      return generic(generic, sample);
    } else if (type == int.class) {
      return full ? Integer.MIN_VALUE : 0;
    } else if (type == long.class || type == Long.class) {
      return full ? Long.MAX_VALUE : 0L;
    } else if (type == double.class || type == Double.class) {
      return full ? 0.1 : Double.NaN;
    } else if (type == boolean.class) {
      return full;
    } else if (!full) {
      return type == ToJob.class ? new ToJob.DriverStarted(null, 0) : null;
    } else if (type == String.class) {
      return "tab\tquote\" é 漢 😀 \u0000";
    } else if (type == Duration.class) {
      return Duration.ofNanos(1_500_000_001L);
    } else if (type == BlobRef.class) {
      return new BlobRef("0123456789abcdef".repeat(4), 1L << 40);
    } else if (type == byte[].class) {
      throw new AssertionError("byte[] has no equality in a record; carry a BlobRef or text");
    } else if (type == ToJob.class) {
      return record(ToJob.MemberEnded.class, sample);
    }
    Class<?> raw = (Class<?>) type;
    return raw.isEnum()
        ? raw.getEnumConstants()[raw.getEnumConstants().length - 1]
        : record(raw, sample);
  }

  private static Object generic(ParameterizedType type, Sample sample) {
    Type[] arguments = type.getActualTypeArguments();
    boolean full = sample == Sample.FULL;
    if (type.getRawType() == ActorRef.class) {
      return full ? worker : null;
    } else if (type.getRawType() == List.class) {
      return full ? List.of(value(arguments[0], sample), value(arguments[0], sample)) : List.of();
    } else if (type.getRawType() == Map.class) {
      return full ? Map.of("loss", value(arguments[1], sample)) : Map.of();
    } else if (type.getRawType() == Optional.class) {
      return full ? Optional.of(value(arguments[0], sample)) : Optional.empty();
    }
    throw new AssertionError(type + " has no sample");
  }
}
