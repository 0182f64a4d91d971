package dev.troupe.lm;

import static dev.troupe.lm.FakeHub.status;
import static dev.troupe.lm.HubFixture.LIMITS;
import static dev.troupe.lm.HubFixture.MAIN;
import static dev.troupe.lm.HubFixture.PINNED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A hub that does not give what it is asked for: one clear reason each. */
@Timeout(120)
class HubErrorsTest {

  private static final String LISTING = "/revision/main";
  private static final String WEIGHTS = "/cdn/model.safetensors";

  @TempDir private Path folder;
  private HubFixture fixture;
  private FakeHub hub;
  private String here;

  @BeforeEach
  void start() throws IOException {
    fixture = new HubFixture(folder);
    hub = fixture.hub;
    here = hub.endpoint().toString();
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  private HubException failure(ModelSource source) {
    return catchThrowableOfType(HubException.class, () -> fixture.fetch(source));
  }

  @Test
  void withoutATokenItSaysHowToGiveOne() {
    hub.token = "hf_secret";
    assertThat(failure(MAIN))
        .hasMessage(
            "hf:acme/tiny@main: "
                + here
                + " answers 401: there is no such repository, or not without a token (expected: its"
                + " right name, or a token file named by TROUPE_HUB_TOKEN_FILE)");
    assertThat(hub.requests).hasSize(1);
  }

  @Test
  void aTokenThatIsRefusedIsNamedByItsFile() throws IOException {
    hub.token = "hf_secret";
    Path token = Files.writeString(folder.resolve("token"), "hf_wrong");
    assertThatThrownBy(() -> fixture.client(LIMITS, Optional.of(token)).fetch(MAIN, line -> {}))
        .hasMessageContaining("401: it does not accept the token in " + token)
        .hasMessageNotContaining("hf_wrong");
    Files.writeString(token, "two words");
    assertThatThrownBy(() -> fixture.client(LIMITS, Optional.of(token)).fetch(MAIN, line -> {}))
        .hasMessage(
            "TROUPE_HUB_TOKEN_FILE: "
                + token
                + " holds something else (expected: a token of the hub, nothing but it)");
    Files.delete(token);
    assertThatThrownBy(() -> fixture.client(LIMITS, Optional.of(token)).fetch(MAIN, line -> {}))
        .hasMessageStartingWith("TROUPE_HUB_TOKEN_FILE: " + token + " cannot be read");
  }

  @Test
  void termsThatAreNotAcceptedAreNamedWithTheirPlace() {
    hub.fail(LISTING, status(403, "X-Error-Code: GatedRepo"));
    assertThat(failure(MAIN))
        .hasMessageEndingWith(
            "answers 403: no token was given (TROUPE_HUB_TOKEN_FILE) (expected: its terms accepted"
                + " at %s/acme/tiny)",
            here);
    hub.fail(LISTING, status(401, "X-Error-Code: GatedRepo"));
    assertThat(failure(MAIN))
        .hasMessageContaining("answers 401: no token was given")
        .hasMessageContaining("its terms accepted at");
  }

  @Test
  void aRepositoryARevisionOrAFileThatIsNotThere() {
    assertThat(failure(ModelSource.parse("hf:acme/other")))
        .hasMessageContaining(
            "404: there is no repository acme/other (a private one needs a token");
    assertThat(failure(ModelSource.parse("hf:acme/tiny@v2")))
        .hasMessageContaining("404: acme/tiny has no revision v2 (expected: a branch, a tag or");
    hub.fail(LISTING, status(404));
    assertThat(failure(MAIN))
        .hasMessageContaining("404: there is no repository acme/tiny, or no revision main in it");
    hub.fail("/config.json", status(404, "X-Error-Code: EntryNotFound"));
    assertThat(failure(MAIN)).hasMessageContaining("404: there is no /acme/tiny/resolve/");
  }

  @Test
  void aRepositoryWithoutAModel() {
    hub.files.remove("model.safetensors");
    assertThat(failure(MAIN))
        .hasMessageContaining("neither model.safetensors nor its index")
        .hasMessageContaining("pickled ones are not read");
    hub.files.remove("tokenizer.json");
    assertThat(failure(MAIN)).hasMessageContaining("it holds no tokenizer.json");
  }

  @Test
  void tooManyRequestsAreWaitedOutAsLongAsTheHubAsks() throws Exception {
    hub.fail(LISTING, status(429, "Retry-After: 1"));
    long start = System.nanoTime();
    fixture.fetch(MAIN);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofSeconds(1));
    assertThat(fixture.log.get(0)).endsWith("answers 429, too many requests; again in 1.0 s");
  }

  @Test
  void aPauseBeyondTheLimitIsAnError() {
    hub.fail(LISTING, status(429, "Retry-After: 3600"));
    HubException failure = failure(MAIN);
    assertThat(failure)
        .hasMessageEndingWith("answers 429, too many requests; it asks for a pause of 3600 s");
    assertThat(failure.temporary()).isTrue();
    assertThat(hub.requests).hasSize(1);
  }

  @Test
  void errorsOfTheHubAreTriedAgainABoundedNumberOfTimes() throws Exception {
    hub.fail(LISTING, status(500), status(502), status(503));
    HubException failure = failure(MAIN);
    assertThat(failure).hasMessageEndingWith("answers 503, an error of its own (3 times in a row)");
    assertThat(failure.temporary()).isTrue();
    hub.fail(LISTING, status(500), status(500));
    hub.fail(WEIGHTS, status(500), status(403));
    assertThat(fixture.fetch(MAIN)).isDirectory();
  }

  @Test
  void aHubThatStopsHalfWayEveryTime() {
    hub.fail(WEIGHTS, FakeHub.cutAfter(10), FakeHub.cutAfter(10), FakeHub.cutAfter(10));
    assertThat(failure(MAIN))
        .hasMessageContaining("the connection broke")
        .hasMessageContaining("of 300000 bytes of model.safetensors are here) (3 times in a row)");
  }

  @Test
  void silenceIsAnError() {
    HubSettings.Limits hasty =
        new HubSettings.Limits(
            1, LIMITS.firstPause(), LIMITS.longestPause(), LIMITS.answer(), Duration.ofMillis(300));
    CountDownLatch over = new CountDownLatch(1);
    hub.fail(
        WEIGHTS,
        (exchange, content) -> {
          exchange.sendResponseHeaders(200, content.length);
          exchange.getResponseBody().write(content, 0, 1000);
          exchange.getResponseBody().flush();
          FakeHub.await(over);
        });
    assertThatThrownBy(() -> fixture.client(hasty, Optional.empty()).fetch(PINNED, line -> {}))
        .isInstanceOf(HubException.class)
        .hasMessageContaining("less than 64 KiB came within 0.3 s");
    over.countDown();
  }

  @Test
  void aFileThatIsChangedOnItsWay() throws IOException {
    byte[] weights = hub.files.get("model.safetensors");
    FakeHub.Fault changed =
        (exchange, content) -> {
          byte[] other = weights.clone();
          other[12_345] ^= 1;
          exchange.sendResponseHeaders(200, other.length);
          exchange.getResponseBody().write(other);
        };
    hub.fail(WEIGHTS, changed, changed);
    assertThat(failure(PINNED))
        .hasMessageContaining("model.safetensors came twice with another content than its hash, ")
        .hasMessageContaining(FakeHub.sha256(weights));
    assertThat(fixture.client().present(PINNED)).isEmpty();
    try (Stream<Path> files = Files.walk(fixture.cache())) {
      assertThat(files).noneMatch(file -> file.toString().contains(FakeHub.sha256(weights)));
    }
  }

  @Test
  void aDiskWithoutRoomIsSeenBeforehand() {
    hub.claimedSizes.put("model.safetensors", 1L << 60);
    assertThat(failure(MAIN))
        .hasMessageContaining("bytes are missing, ")
        .hasMessageContaining("TROUPE_HUB_CACHE");
    assertThat(hub.downloads("model.safetensors")).isEmpty();
  }

  @Test
  void aCacheThatCannotBeWrittenTo() throws IOException {
    Files.writeString(fixture.cache(), "a file");
    assertThat(failure(MAIN))
        .hasMessageContaining(fixture.cache() + ": cannot be used for downloads")
        .hasMessageContaining("TROUPE_HUB_CACHE names another");
  }

  @Test
  void somethingElseThanAHub() {
    hub.fail(LISTING, (exchange, content) -> send(exchange, "<html>"));
    assertThat(failure(MAIN)).hasMessageContaining("the hub's listing is not JSON");
    hub.fail(LISTING, (exchange, content) -> send(exchange, "{\"sha\": \"../..\"}"));
    assertThat(failure(MAIN)).hasMessageContaining("no commit in its field sha");
    hub.fail(LISTING, status(302, "Location: ftp://elsewhere/x"));
    assertThat(failure(MAIN)).hasMessageContaining("redirects to 'ftp://elsewhere/x'");
    FakeHub.Fault around = status(302, "Location: " + here + "/api/models/acme/tiny" + LISTING);
    hub.fail(LISTING, around, around, around, around, around, around);
    hub.fail(LISTING, around, around, around, around, around, around);
    assertThat(failure(MAIN)).hasMessageContaining("more than 10 redirects");
  }

  private static void send(HttpExchange exchange, String text) throws IOException {
    exchange.sendResponseHeaders(200, text.length());
    exchange.getResponseBody().write(text.getBytes(StandardCharsets.US_ASCII));
  }
}
