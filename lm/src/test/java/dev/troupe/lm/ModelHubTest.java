package dev.troupe.lm;

import static dev.troupe.lm.HubFixture.LIMITS;
import static dev.troupe.lm.HubFixture.MAIN;
import static dev.troupe.lm.HubFixture.PINNED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Models come whole, once, and stay. */
@Timeout(120)
class ModelHubTest {

  private static final String WEIGHTS = "model.safetensors";

  @TempDir private Path folder;
  private HubFixture fixture;
  private FakeHub hub;

  @BeforeEach
  void start() throws IOException {
    fixture = new HubFixture(folder);
    hub = fixture.hub;
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  private void assertWhole(Path model) throws IOException {
    try (Stream<Path> files = Files.list(model)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "config.json",
              "tokenizer.json",
              "tokenizer_config.json",
              "chat_template.jinja",
              WEIGHTS);
    }
    assertThat(model.resolve(WEIGHTS)).hasBinaryContent(hub.files.get(WEIGHTS));
    assertThat(model.resolve("config.json")).hasBinaryContent(hub.files.get("config.json"));
  }

  @Test
  void aModelComesOnceAndThenNeedsNoHub() throws Exception {
    Path model = fixture.fetch(MAIN);
    assertWhole(model);
    assertThat(model).startsWith(fixture.cache());
    assertThat(LmConfig.read(model).layers()).isEqualTo(2);
    assertThat(fixture.log.get(fixture.log.size() - 1)).contains("fetched 0.3 MiB");

    hub.requests.clear();
    assertThat(fixture.fetch(PINNED)).isEqualTo(model);
    assertThat(hub.requests).isEmpty();
    assertThat(fixture.client().pin(MAIN, line -> {})).hasToString(PINNED.toString());

    hub.close();
    assertThat(fixture.fetch(PINNED)).isEqualTo(model);
    assertThat(fixture.fetch(MAIN)).isEqualTo(model);
    assertThat(fixture.client().present(MAIN)).contains(model);
    assertThat(fixture.log.get(fixture.log.size() - 1))
        .contains("no connection to " + hub.endpoint())
        .endsWith("going on with the commit it was before, " + FakeHub.COMMIT);
  }

  @Test
  void aFileThatVanishedFromTheCacheComesAgain() throws Exception {
    Path model = fixture.fetch(PINNED);
    Files.delete(model.resolve("tokenizer.json"));
    assertThat(fixture.client().present(PINNED)).isEmpty();
    assertWhole(fixture.fetch(PINNED));
    assertThat(hub.downloads(WEIGHTS)).hasSize(1);
  }

  @Test
  void hashesOfHeadersServeWhereTheListingHasNone() throws Exception {
    hub.listsHashes = false;
    assertWhole(fixture.fetch(MAIN));
  }

  @Test
  void aBrokenConnectionIsGoneOnFrom() throws Exception {
    hub.fail("/cdn/" + WEIGHTS, FakeHub.cutAfter(100_000));
    assertWhole(fixture.fetch(MAIN));
    List<FakeHub.Request> downloads = hub.downloads(WEIGHTS);
    assertThat(downloads).extracting(FakeHub.Request::range).hasSize(2).element(0).isNull();
    long start = Long.parseLong(downloads.get(1).range().replaceAll("\\D", ""));
    assertThat(start).isBetween(1L, 100_000L);
    assertThat(fixture.log).anyMatch(line -> line.contains("(" + start + " of 300000 bytes of"));
  }

  @Test
  void anotherProcessGoesOnWhereOneGaveUp() throws Exception {
    hub.fail("/cdn/" + WEIGHTS, FakeHub.cutAfter(100_000));
    assertThatThrownBy(
            () -> fixture.client(LIMITS.once(), Optional.empty()).fetch(PINNED, line -> {}))
        .isInstanceOf(HubException.class)
        .hasMessageContaining("the connection broke")
        .hasMessageContaining("of 300000 bytes of model.safetensors are here");
    assertThat(fixture.client().present(PINNED)).isEmpty();
    assertWhole(fixture.fetch(PINNED));
    assertThat(hub.downloads(WEIGHTS).get(1).range()).startsWith("bytes=");
  }

  @Test
  void aHubThatCannotGoOnBeginsAnew() throws Exception {
    hub.fail("/cdn/" + WEIGHTS, FakeHub.cutAfter(100_000), FakeHub.cutAfter(200_000));
    hub.fail("/cdn/" + WEIGHTS, FakeHub.status(416));
    assertWhole(fixture.fetch(PINNED));
  }

  @Test
  void aDamagedBeginningIsNotBuiltUpon() throws Exception {
    Path part = fixture.fetch(PINNED).resolve("../../blobs").normalize();
    String hash = FakeHub.sha256(hub.files.get(WEIGHTS));
    Files.delete(part.resolve(hash));
    Files.delete(fixture.client().present(PINNED).orElseThrow().resolve(WEIGHTS));
    Files.write(part.resolve(hash + ".part"), new byte[1000]);
    assertWhole(fixture.fetch(PINNED));
    assertThat(hub.downloads(WEIGHTS)).hasSize(3);
    assertThat(part.resolve(hash + ".part")).doesNotExist();
  }

  @Test
  void whatTwoCommitsShareComesOnce() throws Exception {
    Path old = fixture.fetch(MAIN);
    hub.commit = "f".repeat(40);
    fixture.put("chat_template.jinja", "{{ other }}");
    Path model = fixture.fetch(MAIN);
    assertThat(model).isNotEqualTo(old);
    assertWhole(model);
    assertThat(model.resolve("chat_template.jinja")).hasContent("{{ other }}");
    assertThat(old.resolve("chat_template.jinja")).hasContent("{{ messages }}");
    assertThat(hub.downloads(WEIGHTS)).isEmpty();
    assertThat(hub.downloads("chat_template.jinja")).hasSize(1);
  }

  @Test
  void shardsOfTheIndexCome() throws Exception {
    byte[] weights = hub.files.remove(WEIGHTS);
    hub.files.put("model-00001-of-00002.safetensors", weights);
    fixture.put("model-00002-of-00002.safetensors", "second");
    fixture.put("other.safetensors", "not of the index");
    fixture.put(
        "model.safetensors.index.json",
        """
        {"weight_map": {"a": "model-00001-of-00002.safetensors",
                        "b": "model-00002-of-00002.safetensors"}}
        """);
    Path model = fixture.fetch(ModelSource.parse("hf:acme/tiny@refs/pr/1"));
    assertThat(model.resolve("model-00001-of-00002.safetensors")).hasBinaryContent(weights);
    assertThat(model.resolve("model-00002-of-00002.safetensors")).hasContent("second");
    assertThat(model.resolve("other.safetensors")).doesNotExist();
  }

  @Test
  void namesThatClimbOutOfTheFolderAreNotFollowed() throws Exception {
    fixture.put("../escaped.safetensors", "x");
    fixture.put("/tmp/escaped.json", "x");
    fixture.put("..", "x");
    fixture.put("sub/config.json", "x");
    assertWhole(fixture.fetch(MAIN));

    hub.commit = "f".repeat(40);
    hub.files.remove(WEIGHTS);
    fixture.put(
        "model.safetensors.index.json", "{\"weight_map\": {\"a\": \"../escaped.safetensors\"}}");
    assertThatThrownBy(() -> fixture.fetch(MAIN))
        .isInstanceOf(HubException.class)
        .hasMessageContaining("it holds no ../escaped.safetensors");
    try (Stream<Path> files = Files.walk(folder)) {
      assertThat(files).noneMatch(file -> file.toString().contains("escaped"));
    }
  }

  @Test
  void theTokenStaysWithTheHub() throws Exception {
    hub.token = "hf_secret";
    Path token = Files.writeString(folder.resolve("token"), "hf_secret\n");
    assertWhole(fixture.client(LIMITS, Optional.of(token)).fetch(MAIN, line -> {}));
    assertThat(hub.requests)
        .allSatisfy(
            request ->
                assertThat(request.authorization())
                    .isEqualTo(request.host().equals("localhost") ? null : "Bearer hf_secret"))
        .anySatisfy(request -> assertThat(request.host()).isEqualTo("localhost"));
  }

  @Test
  void threadsAndProcessesOfAHostFetchOnce() throws Exception {
    Process other = FetchProcess.start(hub.endpoint(), fixture.cache(), PINNED);
    List<Future<Path>> fetches = new ArrayList<>();
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try {
      for (int i = 0; i < 3; i++) {
        fetches.add(threads.submit(() -> fixture.client().fetch(PINNED, line -> {})));
      }
      for (Future<Path> fetch : fetches) {
        assertWhole(fetch.get());
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(other.waitFor()).isZero();
    assertThat(hub.downloads(WEIGHTS)).hasSize(1);
    assertThat(hub.downloads("config.json")).hasSize(1);
  }

  @Test
  void whoWaitsForAnotherFindsItsFiles() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch waiting = new CountDownLatch(1);
    hub.fail(
        "/cdn/" + WEIGHTS,
        (exchange, content) -> {
          asked.countDown();
          FakeHub.await(waiting);
          exchange.sendResponseHeaders(200, content.length);
          exchange.getResponseBody().write(content);
        });
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      Future<Path> first = threads.submit(() -> fixture.client().fetch(PINNED, line -> {}));
      FakeHub.await(asked);
      Future<Path> second =
          threads.submit(
              () ->
                  fixture
                      .client()
                      .fetch(
                          PINNED,
                          line -> {
                            assertThat(line).contains("another worker of this host is fetching it");
                            waiting.countDown();
                          }));
      assertWhole(second.get());
      assertWhole(first.get());
    } finally {
      threads.shutdownNow();
    }
    assertThat(hub.downloads(WEIGHTS)).hasSize(1);
  }

  @Test
  void aFetchEndsWhenItsThreadIsInterrupted() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    hub.fail(
        "/cdn/" + WEIGHTS,
        (exchange, content) -> {
          exchange.sendResponseHeaders(200, content.length);
          exchange.getResponseBody().write(content, 0, 1000);
          exchange.getResponseBody().flush();
          asked.countDown();
          FakeHub.await(over);
        });
    ExecutorService threads = Executors.newSingleThreadExecutor();
    try {
      CountDownLatch interrupted = new CountDownLatch(1);
      Future<?> fetch =
          threads.submit(
              () -> {
                try {
                  fixture.client().fetch(PINNED, line -> {});
                } catch (InterruptedException e) {
                  interrupted.countDown();
                }
              });
      FakeHub.await(asked);
      fetch.cancel(true);
      FakeHub.await(interrupted);
    } finally {
      over.countDown();
      threads.shutdownNow();
    }
    assertWhole(fixture.fetch(PINNED)); // the lock is free again
  }

  @Test
  void aLookAtTheConfigurationIsQuick() throws Exception {
    Duration limit = Duration.ofSeconds(30);
    assertThat(fixture.client().preview(MAIN, limit).orElseThrow().context()).isEqualTo(48);
    assertThat(hub.downloads(WEIGHTS)).isEmpty();
    assertThatThrownBy(() -> fixture.client().preview(MAIN.at("other"), limit))
        .isInstanceOf(HubException.class)
        .hasMessageContaining("acme/tiny has no revision other");

    fixture.put("config.json", "{\"model_type\": \"t5\"}");
    hub.commit = "f".repeat(40);
    assertThatThrownBy(() -> fixture.client().preview(MAIN, limit))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("model_type: \"t5\"");

    hub.close();
    assertThat(fixture.client().preview(MAIN, limit)).isEmpty();
  }

  @Test
  void aLookThatTakesTooLongIsGivenUp() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    hub.fail("/revision/main", (exchange, content) -> FakeHub.await(over));
    assertThat(fixture.client().preview(MAIN, Duration.ofMillis(100))).isEmpty();
    over.countDown();
  }
}
