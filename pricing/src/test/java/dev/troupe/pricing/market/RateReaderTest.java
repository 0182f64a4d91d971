package dev.troupe.pricing.market;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RateReaderTest {

  private static final String YIELDS =
      """
      date,BC_1MONTH,BC_3MONTH,BC_1YEAR,BC_30YEAR,BC_30YEARDISPLAY
      2006-01-03,4.05,4.16,4.38,0.0,0.0
      2006-01-04,4.03,0.0,4.35,0.0,0.0
      2006-01-05,4.05,4.19,4.36,0.0,0.0
      """;

  @TempDir private Path folder;

  private RateHistory read(String content) throws IOException {
    return RateReader.read(Files.writeString(folder.resolve("rates.csv"), content));
  }

  @Test
  void givesTheCurveOfTheNewestDayThatHadClosed() throws Exception {
    RateHistory rates = read(YIELDS);
    double year = 1 / Math.pow(1 + 0.0438 / 2, 2);
    assertThat(rates.at(MarketTime.parse("2006-01-04 15:59")).discount(0.25))
        .isCloseTo(1 / (1 + 0.0416 / 4), within(1e-12));
    assertThat(rates.at(MarketTime.parse("2006-01-04 15:59")).discount(1))
        .isCloseTo(year, within(1e-4));
    assertThat(rates.at(MarketTime.parse("2006-01-05")).discount(0.25))
        .isCloseTo(1 / (1 + 0.0419 / 4), within(1e-12));
  }

  @Test
  void takesZeroAsMissing() throws Exception {
    RateHistory rates = read(YIELDS);
    RateHistory.Series shorts = rates.shortRates(MarketTime.parse("2006-02-01"), 10);
    assertThat(shorts.times())
        .containsExactly(MarketTime.parse("2006-01-03"), MarketTime.parse("2006-01-05"));
    assertThat(shorts.values()[1]).isCloseTo(4 * Math.log1p(0.0419 / 4), within(1e-12));
    assertThat(shorts.years()).containsExactly(0, 2 / 365.0);
    assertThat(rates.shortRates(MarketTime.parse("2006-02-01"), 1).values()).hasSize(1);
  }

  @Test
  void namesWhatIsWrong() {
    assertThatThrownBy(() -> read(YIELDS.replace("4.35", "x")))
        .hasMessageContaining("line 3, column BC_1YEAR: 'x' (expected: a number)");
    assertThatThrownBy(() -> read(YIELDS.replace("2006-01-05", "2006-01-02")))
        .hasMessageContaining("line 4, column date: 2006-01-02 after 2006-01-04 16:00:00");
    assertThatThrownBy(() -> read("date,price\n2006-01-03,1\n"))
        .hasMessageContaining("no column of yields");
    assertThatThrownBy(() -> read("day,3MONTH\n2006-01-03,1\n"))
        .hasMessageContaining("no column date");
    assertThatThrownBy(() -> read(YIELDS).at(MarketTime.parse("2005-12-31")))
        .hasMessageContaining("rates: none before 2005-12-31 16:00:00");
  }
}
