package dev.troupe.collective.internal;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.function.Function;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * How a connection begins. The listener sends a random challenge; the rank answers with its {@link
 * Hello}, a challenge of its own and an HMAC-SHA-256 under the shared secret over all three; the
 * listener's verdict comes with such a proof too. The secret is never sent and a recorded
 * conversation cannot be replayed. What follows is neither encrypted nor signed: a network that
 * others can write to needs a tunnel.
 */
final class Handshake {
  /** A stranger has this long to prove that it belongs here. */
  static final Duration PROOF_TIME = Duration.ofSeconds(5);

  private static final int NONCE = 16;
  private static final int PROOF = 32;
  private static final int MAX_HELLO = 2048;
  private static final SecureRandom RANDOM = new SecureRandom();

  /** The listener's verdict. */
  enum Verdict {
    WELCOME(0),
    /** Settings differ: trying again does not help. */
    REFUSED(1),
    /** That generation is over. */
    STALE(2);

    private final byte code;

    Verdict(int code) {
      this.code = (byte) code;
    }

    private static Verdict of(byte code) throws IOException {
      for (Verdict verdict : values()) {
        if (verdict.code == code) {
          return verdict;
        }
      }
      throw new IOException("verdict: " + code + " (expected: 0 to 2)");
    }
  }

  /** A verdict and its reason. */
  record Answer(Verdict verdict, String reason) {}

  private final byte[] secret;

  Handshake(String secret) {
    // A MAC needs a key; an empty secret stands for a known one.
    this.secret = ("troupe:" + secret).getBytes(StandardCharsets.UTF_8);
  }

  /**
   * The listener's side: returns who is welcome, throws if the other is not.
   *
   * @param decide whether to take the connection; may wait for the wanted rank to join
   */
  Hello listen(SocketChannel channel, Function<Hello, Answer> decide) throws IOException {
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.socket().setSoTimeout((int) PROOF_TIME.toMillis());
    var in = new DataInputStream(channel.socket().getInputStream());
    var out = new DataOutputStream(channel.socket().getOutputStream());
    byte[] challenge = nonce();
    out.write(challenge);
    byte[] hello = new byte[checkedLength(in.readInt())];
    in.readFully(hello);
    byte[] counter = in.readNBytes(NONCE);
    byte[] proof = in.readNBytes(PROOF);
    if (!MessageDigest.isEqual(proof, prove(challenge, counter, hello))) {
      say(out, new Answer(Verdict.REFUSED, "the secret differs"), challenge, counter);
      throw new IOException("the secret differs");
    }
    Hello decoded = Hello.decode(hello);
    Answer answer = decide.apply(decoded);
    say(out, answer, challenge, counter);
    if (answer.verdict() != Verdict.WELCOME) {
      throw new IOException(answer.reason());
    }
    return decoded;
  }

  private void say(DataOutputStream out, Answer answer, byte[] challenge, byte[] counter)
      throws IOException {
    byte[] reason = answer.reason().getBytes(StandardCharsets.UTF_8);
    byte[] verdict = {answer.verdict().code};
    byte[] message = new byte[1 + 4 + reason.length + PROOF];
    var bytes = ByteBuffer.wrap(message);
    bytes.put(verdict).putInt(reason.length).put(reason);
    bytes.put(prove(counter, challenge, verdict, reason));
    out.write(message);
  }

  /** The connecting side: blocks until the listener has decided, at most {@code timeout}. */
  Answer connect(SocketChannel channel, InetSocketAddress address, Hello hello, Duration timeout)
      throws IOException {
    int millis = (int) Math.max(1, timeout.toMillis());
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.socket().connect(address, millis);
    channel.socket().setSoTimeout(millis);
    var in = new DataInputStream(channel.socket().getInputStream());
    var out = new DataOutputStream(channel.socket().getOutputStream());
    byte[] challenge = new byte[NONCE];
    in.readFully(challenge);
    byte[] counter = nonce();
    byte[] encoded = hello.encode();
    byte[] message = new byte[4 + encoded.length + NONCE + PROOF];
    var bytes = ByteBuffer.wrap(message);
    bytes.putInt(encoded.length).put(encoded).put(counter);
    bytes.put(prove(challenge, counter, encoded));
    out.write(message);
    return hear(in, challenge, counter);
  }

  private Answer hear(DataInputStream in, byte[] challenge, byte[] counter) throws IOException {
    byte[] verdict = {in.readByte()};
    byte[] reason = new byte[checkedLength(in.readInt())];
    in.readFully(reason);
    byte[] proof = new byte[PROOF];
    in.readFully(proof);
    if (!MessageDigest.isEqual(proof, prove(counter, challenge, verdict, reason))) {
      return new Answer(Verdict.REFUSED, "the secret differs");
    }
    return new Answer(Verdict.of(verdict[0]), new String(reason, StandardCharsets.UTF_8));
  }

  private static int checkedLength(int length) throws IOException {
    if (length < 0 || length > MAX_HELLO) {
      throw new IOException("hello of " + length + " bytes (expected: 0 to " + MAX_HELLO + ")");
    }
    return length;
  }

  private static byte[] nonce() {
    byte[] nonce = new byte[NONCE];
    RANDOM.nextBytes(nonce);
    return nonce;
  }

  private byte[] prove(byte[]... parts) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      for (byte[] part : parts) {
        mac.update(part);
      }
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HmacSHA256", e);
    }
  }
}
