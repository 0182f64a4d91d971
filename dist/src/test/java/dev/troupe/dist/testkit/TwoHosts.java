package dev.troupe.dist.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.opentest4j.TestAbortedException;

/**
 * Two hosts on one machine: this one, and a network namespace behind two virtual cables, of which
 * one can be cut. What is sent into a cut cable goes to a hardware address that nobody has: no
 * connection is refused or closed, there is only silence, as behind a switch that lost its power.
 */
public final class TwoHosts implements AutoCloseable {

  private static final String NOBODY = "02:00:00:00:00:99";
  private static final long PID = ProcessHandle.current().pid();
  private static final String NAMESPACE = "troupe-" + PID;

  private final Cable cable = new Cable("a", "10.202." + PID % 250 + ".");
  private final Cable uncut = new Cable("b", "10.203." + PID % 250 + ".");

  private TwoHosts() {}

  /** Lays the cables. Where the machine does not let it, the test is skipped, and says why. */
  public static TwoHosts connect() {
    TwoHosts hosts = new TwoHosts();
    try {
      ip("netns", "add", NAMESPACE);
    } catch (IOException e) {
      throw new TestAbortedException("needs root and network namespaces: " + e.getMessage(), e);
    }
    try {
      hosts.cable.lay();
      hosts.uncut.lay();
      ipThere("link", "set", "lo", "up");
      return hosts;
    } catch (IOException e) {
      hosts.close();
      throw new TestAbortedException("needs virtual cables: " + e.getMessage(), e);
    }
  }

  /** The address of this host. */
  public String near() {
    return cable.near();
  }

  /** The address of the other one. */
  public String far() {
    return cable.far();
  }

  /** This host's address on the cable that is never cut. */
  String uncutNear() {
    return uncut.near();
  }

  /** The other one's. */
  String uncutFar() {
    return uncut.far();
  }

  /** What stands before a command that is to run on the other host. */
  public List<String> enterFar() {
    return List.of("ip", "netns", "exec", NAMESPACE);
  }

  /** From now on nothing gets through, either way. */
  public void cut() {
    try {
      cable.cut();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The cable is whole again. */
  public void mend() {
    try {
      cable.mend();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The namespace takes its ends of the cables along, and they the others. */
  @Override
  public void close() {
    try {
      ip("netns", "del", NAMESPACE);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void ipThere(String... arguments) throws IOException {
    ip(Stream.concat(Stream.of("-n", NAMESPACE), Stream.of(arguments)).toArray(String[]::new));
  }

  private static void ip(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new IOException(String.join(" ", command) + ": " + output.strip());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private record Cable(String name, String subnet) {

    String near() {
      return subnet + 1;
    }

    String far() {
      return subnet + 2;
    }

    private String nearEnd() {
      return "tn" + name + PID;
    }

    private String farEnd() {
      return "tf" + name + PID;
    }

    void lay() throws IOException {
      ip(
          "link add %s type veth peer name %s netns %s"
              .formatted(nearEnd(), farEnd(), NAMESPACE)
              .split(" ", -1));
      ip("addr", "add", near() + "/24", "dev", nearEnd());
      ip("link", "set", nearEnd(), "up");
      ipThere("addr", "add", far() + "/24", "dev", farEnd());
      ipThere("link", "set", farEnd(), "up");
    }

    void cut() throws IOException {
      ip("neigh", "replace", far(), "lladdr", NOBODY, "dev", nearEnd(), "nud", "permanent");
      ipThere("neigh", "replace", near(), "lladdr", NOBODY, "dev", farEnd(), "nud", "permanent");
    }

    void mend() throws IOException {
      ip("neigh", "del", far(), "dev", nearEnd());
      ipThere("neigh", "del", near(), "dev", farEnd());
    }
  }
}
