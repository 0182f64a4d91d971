package dev.troupe.cli.testkit;

import dev.troupe.cli.TroupeCli;
import dev.troupe.cli.internal.Io;
import dev.troupe.cli.internal.Signals;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;

/** A process's surroundings as a test sets them, and what was written to them. */
public final class TestIo implements Signals {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Map<String, String> environment = new HashMap<>();
  private final AtomicReference<Runnable> handler = new AtomicReference<>();
  private final Path directory;
  private boolean terminal;

  /** What was asked of {@link Signals#exit}. */
  public final BlockingQueue<Integer> exits = new LinkedBlockingQueue<>();

  public TestIo(Path directory) {
    this.directory = directory;
    environment.put("HOME", directory.toString());
  }

  public TestIo env(String name, String value) {
    environment.put(name, value);
    return this;
  }

  /** Both outputs are terminals. */
  public TestIo terminal() {
    terminal = true;
    return this;
  }

  /** Runs a command; its words are parted by single spaces. */
  public int run(String command) {
    return TroupeCli.run(io(), command.split(" ", -1));
  }

  public Io io() {
    return new Io(stream(out), stream(err), environment, directory, terminal, terminal, 80, this);
  }

  public String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  public String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  /** Presses Ctrl-C. */
  public void interrupt() {
    Runnable current = handler.get();
    if (current == null) {
      throw new IllegalStateException("nobody listens to Ctrl-C");
    }
    current.run();
  }

  public boolean listensToInterrupts() {
    return handler.get() != null;
  }

  @Override
  public void onInterrupt(Runnable next) {
    handler.set(next);
  }

  @Override
  public void exit(int code) {
    exits.add(code);
  }

  private static PrintStream stream(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }
}
