package dev.troupe.lm;

import dev.troupe.lm.internal.hub.Fetch;
import dev.troupe.lm.internal.hub.Revisions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Brings models of the hub to this host.
 *
 * <p>{@link #pin} asks which commit a branch is, {@link #fetch} makes the commit's files a folder:
 * {@code config.json}, tokenizer, chat template, safetensors. Each file is checked against the hash
 * that the hub gives (SHA-256 for large ones), goes on where a broken connection ended, and appears
 * whole or not at all. The folder lies in a cache that all processes of the host share: one
 * fetches, the others wait for it; once it is there, no network is needed.
 *
 * <p>Every wait is bounded, and ends when its thread is interrupted.
 */
public final class ModelHub {

  private final HubSettings settings;

  public ModelHub(HubSettings settings) {
    this.settings = settings;
  }

  /** As this process's environment says. */
  public static ModelHub ofEnvironment() {
    return new ModelHub(HubSettings.of(System.getenv()));
  }

  /**
   * The same model, at the commit that its revision is now. When the hub is out of reach, the
   * commit that it was when last asked from this host, with a line that says so. A folder is what
   * it is.
   *
   * @throws HubException if the hub refuses, or is out of reach and was never asked
   */
  public ModelSource pin(ModelSource source, HubListener listener) throws InterruptedException {
    return source instanceof ModelSource.Hub hub ? pin(hub, listener) : source;
  }

  private ModelSource.Hub pin(ModelSource.Hub source, HubListener listener)
      throws InterruptedException {
    return source.pinned()
        ? source
        : withCache(() -> new Revisions(settings, source.repository(), listener).pin(source));
  }

  /**
   * A folder that holds the model.
   *
   * @throws HubException if it cannot be had
   */
  public Path fetch(ModelSource source, HubListener listener) throws InterruptedException {
    if (source instanceof ModelSource.Folder folder) {
      return folder.path();
    }
    ModelSource.Hub pinned = pin((ModelSource.Hub) source, listener);
    return withCache(() -> new Fetch(settings, pinned, listener).model());
  }

  /** The folder that {@link #fetch} would give, if it is there without asking the hub. */
  public Optional<Path> present(ModelSource.Hub source) {
    return new Revisions(settings, source.repository(), line -> {}).present(source);
  }

  /**
   * Looks quickly whether there is such a model, and what shape it has. To be asked before a job is
   * accepted: what could go better later is no reason to refuse it.
   *
   * @return empty if there was no answer within {@code limit}
   * @throws HubException if the hub refuses, or holds no model that could be read
   * @throws IllegalArgumentException as {@link LmConfig#read}
   */
  public Optional<LmConfig> preview(ModelSource.Hub source, Duration limit)
      throws InterruptedException {
    FutureTask<Optional<Path>> look = new FutureTask<>(() -> configFolder(source));
    Thread thread = new Thread(look, "hub-preview");
    thread.setDaemon(true);
    thread.start();
    try {
      return look.get(limit.toMillis(), TimeUnit.MILLISECONDS).map(LmConfig::read);
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof HubException refusal)) {
        throw new IllegalStateException(source + ": " + e.getCause(), e);
      } else if (refusal.temporary()) {
        return Optional.empty();
      }
      throw refusal;
    } finally {
      look.cancel(true);
    }
  }

  private Optional<Path> configFolder(ModelSource.Hub source) throws InterruptedException {
    HubListener nobody = line -> {};
    ModelSource.Hub pinned = pin(source, nobody);
    return withCache(() -> new Fetch(settings, pinned, nobody).config());
  }

  private interface Step<T> {
    T run() throws IOException, InterruptedException;
  }

  private <T> T withCache(Step<T> step) throws InterruptedException {
    try {
      return step.run();
    } catch (IOException | UncheckedIOException e) {
      throw new HubException(
          "%s: cannot be used for downloads: %s (expected: a folder to write to, with room; %s names another)"
              .formatted(settings.cache(), e, HubSettings.CACHE),
          false,
          e);
    }
  }
}
