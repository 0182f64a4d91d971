package dev.troupe.lm;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/** Fetches a model in a process of its own. Arguments: endpoint, cache, model. */
final class FetchProcess {

  private FetchProcess() {}

  public static void main(String[] arguments) throws InterruptedException {
    HubSettings settings =
        new HubSettings(
            URI.create(arguments[0]),
            Optional.empty(),
            Path.of(arguments[1]),
            HubSettings.DEFAULT_LIMITS);
    new ModelHub(settings).fetch(ModelSource.parse(arguments[2]), line -> {});
  }

  static Process start(URI endpoint, Path cache, ModelSource model) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx64m",
            "-cp",
            System.getProperty("java.class.path"),
            FetchProcess.class.getName(),
            endpoint.toString(),
            cache.toString(),
            model.toString())
        .inheritIO()
        .start();
  }
}
