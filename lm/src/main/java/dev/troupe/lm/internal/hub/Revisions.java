package dev.troupe.lm.internal.hub;

import dev.troupe.lm.HubException;
import dev.troupe.lm.HubListener;
import dev.troupe.lm.HubSettings;
import dev.troupe.lm.HubSettings.Limits;
import dev.troupe.lm.ModelSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Which commit a branch or a tag of a repository is. */
public final class Revisions {

  private final HubSettings settings;
  private final HubListener listener;
  private final HubCache cache;

  public Revisions(HubSettings settings, String repository, HubListener listener) {
    this.settings = settings;
    this.listener = listener;
    this.cache = new HubCache(settings, repository);
  }

  /** The model's folder, if all of it is here. */
  public Optional<Path> present(ModelSource.Hub source) {
    return cache.whole(source);
  }

  /** What the hub says, or what it said when last asked if it is out of reach. */
  public ModelSource.Hub pin(ModelSource.Hub source) throws IOException, InterruptedException {
    Optional<String> known = cache.commit(source);
    if (known.isEmpty()) {
      return ask(source, settings.limits());
    }
    try {
      return ask(source, settings.limits().once());
    } catch (HubException e) {
      if (!e.temporary()) {
        throw e;
      }
      listener.say(e.getMessage() + "; going on with the commit it was before, " + known.get());
      return source.at(known.get());
    }
  }

  private ModelSource.Hub ask(ModelSource.Hub source, Limits limits)
      throws IOException, InterruptedException {
    HubClient client = new HubClient(settings);
    String commit = new Attempts(limits, listener).run(() -> client.list(source)).commit();
    cache.rememberCommit(source, commit);
    return source.at(commit);
  }
}
