package dev.troupe.cli.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine.TypeConversionException;

class FormatTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0.0s",
    "449, 0.4s",
    "9999, 10.0s",
    "10000, 10s",
    "59999, 59s",
    "60000, 1m00s",
    "185000, 3m05s",
    "3600000, 1h00m",
    "7800000, 2h10m",
    "86400000, 1d00h",
    "356400000, 4d03h",
    "-5, 0.0s"
  })
  void durationsHaveTwoUnits(long millis, String text) {
    assertThat(Format.duration(Duration.ofMillis(millis))).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "1023, 1023 B",
    "1024, 1.0 KiB",
    "1536, 1.5 KiB",
    "1048575, 1.0 MiB",
    "1073741824, 1.0 GiB"
  })
  void bytesHaveBinaryUnits(long bytes, String text) {
    assertThat(Format.bytes(bytes)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "0; 0",
        "1; 1",
        "12345; 12,345",
        "1234.5; 1,235",
        "123.45; 123.5",
        "12.345; 12.35",
        "1.2345; 1.235",
        "0.12345; 0.1235",
        "0.0001234; 1.234e-04",
        "NaN; NaN",
        "-2.5; -2.500"
      })
  void numbersHaveFourDigitsThatCount(double value, String text) {
    assertThat(Format.number(value)).isEqualTo(text);
  }

  @Test
  void cutsToTheFirstLine() {
    assertThat(Format.cut("hello\nworld", 80)).isEqualTo("hello");
    assertThat(Format.cut("hello world", 6)).isEqualTo("hello…");
    assertThat(Format.cut("", 6)).isEmpty();
  }

  @Test
  void readsDurations() {
    Durations durations = new Durations();
    assertThat(List.of("500ms", "30s", "5m", "1h").stream().map(durations::convert).toList())
        .containsExactly(
            Duration.ofMillis(500),
            Duration.ofSeconds(30),
            Duration.ofMinutes(5),
            Duration.ofHours(1));
    assertThatThrownBy(() -> durations.convert("5 minutes"))
        .isInstanceOf(TypeConversionException.class)
        .hasMessage("'5 minutes' (expected: as in 500ms, 30s, 5m or 1h)");
  }

  @Test
  void hintsAtTheNearestName() {
    assertThat(Nearest.hint("jbos", List.of("jobs", "logs"))).isEqualTo("; did you mean 'jobs'?");
    assertThat(Nearest.hint("xyzzy", List.of("jobs", "logs"))).isEmpty();
  }
}
