package dev.troupe.sft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.core.options.Violation;
import dev.troupe.testkit.LocalCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Training starts from a model of the hub as it does from a folder. */
@Timeout(180)
class HubModelTest {

  @TempDir private Path folder;

  /** What a training run in a process of its own needs: the environment names the hub. */
  static final class Run {

    private Run() {}

    /** Arguments: model, data, a file for the outcome. */
    public static void main(String[] arguments) throws Exception {
      SftOptions options = options(arguments[0], Path.of(arguments[1]), 0);
      SftWorkload sft = new SftWorkload();
      List<String> lines = new ArrayList<>();
      sft.check(options).stream().map(Violation::toString).forEach(lines::add);
      if (lines.isEmpty()) {
        try (LocalCluster cluster = new LocalCluster(2)) {
          Map<String, Object> result = sft.run(cluster.job(), options).values();
          lines.add(result.get("weightsSha256").toString());
          lines.add(cluster.text("report.html").contains(FolderHub.COMMIT) ? "commit" : "folder");
        }
        try (LocalCluster cluster = new LocalCluster(1)) {
          sft.run(cluster.job(), options(arguments[0], Path.of(arguments[1]), 1));
          cluster.text("preview.txt").lines().filter(l -> l.contains("⟦")).forEach(lines::add);
        }
      }
      Files.write(Path.of(arguments[2]), lines);
      System.exit(0); // the engine's threads are no daemons
    }
  }

  private static SftOptions options(String model, Path data, int preview) {
    Map<String, Object> more =
        Map.of("batch", 4, "microBatches", 2, "steps", 2, "learningRate", 1e-3, "preview", preview);
    return Fixtures.options(Path.of(model), data, more);
  }

  private List<String> run(String endpoint, String model, Path data) throws Exception {
    Path outcome = folder.resolve("outcome");
    Files.deleteIfExists(outcome);
    ProcessBuilder process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-Dai.djl.offline=true",
                "-cp",
                System.getProperty("java.class.path"),
                Run.class.getName(),
                model,
                data.toString(),
                outcome.toString())
            .inheritIO();
    process.environment().put("TROUPE_HUB_ENDPOINT", endpoint);
    process.environment().put("TROUPE_HUB_CACHE", folder.resolve("cache").toString());
    process.environment().remove("TROUPE_HUB_TOKEN_FILE");
    assertThat(process.start().waitFor()).isZero();
    return Files.readAllLines(outcome);
  }

  @Test
  void aModelOfTheHubIsFetchedOnceAndTrainsToTheSameWeights() throws Exception {
    Path model = Fixtures.model(folder);
    Path data = Fixtures.data(folder, 20);
    String endpoint;
    List<String> fetched;
    try (FolderHub hub = new FolderHub(model)) {
      endpoint = hub.endpoint();
      assertThat(run(endpoint, "hf:acme/other", data))
          .singleElement()
          .asString()
          .startsWith("model: hf:acme/other@main: ")
          .contains("404: there is no repository acme/other");
      fetched = run(endpoint, FolderHub.MODEL, data);
      assertThat(fetched).hasSize(3).element(1).isEqualTo("commit");
      assertThat(fetched.get(2)).startsWith("say ").endsWith("<|im_end|>⟧");
      assertThat(hub.downloads).doesNotHaveDuplicates().hasSameSizeAs(names(model));
      assertThat(run(endpoint, model.toString(), data))
          .containsExactly(fetched.get(0), "folder", fetched.get(2));
    }
    assertThat(run(endpoint, FolderHub.MODEL, data)).isEqualTo(fetched); // the hub is gone
  }

  @Test
  void aNameThatIsNoneIsRefused() throws IOException {
    SftOptions options = options("hf:tiny", Fixtures.data(folder, 5), 0);
    assertThat(new SftWorkload().check(options).stream().map(Violation::toString))
        .singleElement()
        .asString()
        .startsWith("model: hf:tiny@main (expected: hf:ORG/NAME");
  }

  private static List<Path> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }
}
