package dev.troupe.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelSourceTest {

  @Test
  void aFolderOrARepository() {
    assertThat(ModelSource.parse("/models/tiny"))
        .isEqualTo(new ModelSource.Folder(Path.of("/models/tiny")));
    assertThat(ModelSource.parse("hf:acme/tiny-1.5_b"))
        .isEqualTo(new ModelSource.Hub("acme/tiny-1.5_b", "main"))
        .hasToString("hf:acme/tiny-1.5_b@main");
    ModelSource.Hub pull = (ModelSource.Hub) ModelSource.parse("hf:acme/tiny@refs/pr/1");
    assertThat(pull.revision()).isEqualTo("refs/pr/1");
    assertThat(pull.pinned()).isFalse();
    assertThat(pull.at("0123456789".repeat(4)).pinned()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hf:",
        "hf:tiny",
        "hf:a/b/c",
        "hf:../tiny",
        "hf:acme/..",
        "hf:acme/.hidden",
        "hf:acme/tiny@",
        "hf:acme/tiny@../main",
        "hf:acme/tiny@a/../b",
        "hf:acme/tiny@a b",
        "hf:acme/tiny?x",
        "hf:/a"
      })
  void namesThatAreNone(String text) {
    assertThatThrownBy(() -> ModelSource.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("hf:")
        .hasMessageContaining("(expected: hf:ORG/NAME or hf:ORG/NAME@REVISION");
  }

  @Test
  void settingsComeFromTheEnvironment() {
    HubSettings standard = HubSettings.of(Map.of("XDG_CACHE_HOME", "/c", "TROUPE_HUB_CACHE", ""));
    assertThat(standard.endpoint()).hasToString(HubSettings.PUBLIC_ENDPOINT);
    assertThat(standard.cache()).isEqualTo(Path.of("/c/troupe/hub"));
    assertThat(standard.tokenFile()).isEmpty();
    HubSettings own =
        HubSettings.of(
            Map.of(
                "TROUPE_HUB_ENDPOINT", "https://hub.example/mirror/",
                "TROUPE_HUB_TOKEN_FILE", "/t",
                "TROUPE_HUB_CACHE", "/models"));
    assertThat(own.endpoint()).hasToString("https://hub.example/mirror");
    assertThat(own.tokenFile()).contains(Path.of("/t"));
    assertThat(own.cache()).isEqualTo(Path.of("/models"));
  }

  @ParameterizedTest
  @CsvSource({
    "hub.example, expected: an address such as",
    "ftp://hub.example, expected: an address such as",
    "https://user:pw@hub.example, expected: an address such as",
    "https://a b, expected: an address such as",
    "http://hub.example, 'expected: https, since a token would be sent in clear'"
  })
  void endpointsThatCannotBe(String endpoint, String reason) {
    Map<String, String> environment =
        Map.of("TROUPE_HUB_ENDPOINT", endpoint, "TROUPE_HUB_TOKEN_FILE", "/t");
    assertThatThrownBy(() -> HubSettings.of(environment))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("TROUPE_HUB_ENDPOINT: " + endpoint)
        .hasMessageContaining(reason);
  }
}
