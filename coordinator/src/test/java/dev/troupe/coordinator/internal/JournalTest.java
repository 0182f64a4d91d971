package dev.troupe.coordinator.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class JournalTest {

  @TempDir Path dir;

  /** The child of the tests below: says each number once it is committed, and never stops. */
  static final class Writer {
    private Writer() {}

    public static void main(String[] args) throws Exception {
      Journal journal = Journal.h2(Path.of(args[0]));
      String url =
          journal.config().getString("pekko-persistence-jdbc.shared-databases.slick.db.url");
      try (Connection connection = DriverManager.getConnection(url, "troupe", "");
          Statement create = connection.createStatement()) {
        create.execute("CREATE TABLE NUMBERS (N INT)");
        try (PreparedStatement insert =
            connection.prepareStatement("INSERT INTO NUMBERS VALUES (?)")) {
          for (int i = 1; i < Integer.MAX_VALUE; i++) {
            insert.setInt(1, i);
            insert.executeUpdate();
            System.out.println(i);
          }
        }
      }
    }
  }

  private static Process child(Path file) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx128m",
            "-cp",
            System.getProperty("java.class.path"),
            Writer.class.getName(),
            file.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  @Test
  void losesNoCommitWhenTheProcessIsKilledAndSaysWhoHasTheFile() throws Exception {
    Path file = dir.resolve("troupe");
    Process child = child(file);
    int last = 0;
    try (BufferedReader out =
        new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
      while (last < 200) {
        last = Integer.parseInt(out.readLine());
      }
      assertThatThrownBy(() -> Journal.h2(file))
          .isInstanceOf(Journal.Unusable.class)
          .hasMessageContaining("is locked by another coordinator (pid " + child.pid() + ")");
      child.toHandle().destroyForcibly(); // leaves what it said readable
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        last = line.isEmpty() ? last : Integer.parseInt(line);
      }
      assertThat(child.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }
    try (Journal journal = Journal.h2(file)) {
      String url =
          journal.config().getString("pekko-persistence-jdbc.shared-databases.slick.db.url");
      try (Connection connection = DriverManager.getConnection(url, "troupe", "");
          Statement select = connection.createStatement();
          ResultSet max = select.executeQuery("SELECT MAX(N), COUNT(*) FROM NUMBERS")) {
        max.next();
        assertThat(max.getInt(1)).isGreaterThanOrEqualTo(last);
        assertThat(max.getInt(2)).isEqualTo(max.getInt(1));
      }
    }
  }

  @Test
  void refusesAFileThatHasLostItsEnd() throws Exception {
    Path file = dir.resolve("troupe");
    Path data = Path.of(file + ".mv.db");
    Path mark = Path.of(file + ".mark");
    try (Journal journal = Journal.h2(file)) {
      addEvent(journal, 1);
    }
    byte[] older = Files.readAllBytes(data);
    try (Journal journal = Journal.h2(file)) {
      addEvent(journal, 2);
      addEvent(journal, 3);
    }
    byte[] newer = Files.readAllBytes(data);
    Files.write(data, older);

    assertThatThrownBy(() -> Journal.h2(file))
        .isInstanceOf(Journal.Unusable.class)
        .hasMessageContaining(data + " has lost its end: its newest event is 1 (expected: >= 3")
        .hasMessageContaining("remove that file to go on");
    Files.write(data, newer);
    Journal.h2(file).close();
    Files.write(data, older);
    Files.delete(mark);
    Journal.h2(file).close();
    assertThat(Files.readString(mark)).isEqualTo("1\n");
  }

  private static void addEvent(Journal journal, int number) throws Exception {
    String url = journal.config().getString("pekko-persistence-jdbc.shared-databases.slick.db.url");
    try (Connection connection = DriverManager.getConnection(url, "troupe", "");
        Statement insert = connection.createStatement()) {
      insert.execute(
          "INSERT INTO \"event_journal\" (\"persistence_id\", \"sequence_number\", \"writer\","
              + " \"write_timestamp\", \"adapter_manifest\", \"event_payload\","
              + " \"event_ser_id\", \"event_ser_manifest\") VALUES ('job|x', "
              + number
              + ", 'w', 0, '', X'00', 1, '')");
    }
  }

  @Test
  void allEventsAreReadAndTheIdStays() throws Exception {
    Path file = dir.resolve("troupe");
    String id;
    try (Journal journal = Journal.h2(file)) {
      id = journal.id();
      for (int number = 1; number <= 205; number++) {
        addEvent(journal, number);
      }
      int[] count = new int[1];
      journal.forEachEvent(
          (persistenceId, payload) -> {
            assertThat(persistenceId).isEqualTo("job|x");
            assertThat(payload).containsExactly(0);
            count[0]++;
          });
      assertThat(count[0]).isEqualTo(205);
    }
    try (Journal journal = Journal.h2(file)) {
      assertThat(journal.id()).isEqualTo(id).hasSize(36);
    }
    try (Journal other = Journal.h2(dir.resolve("other"))) {
      assertThat(other.id()).isNotEqualTo(id);
    }
  }

  @Test
  void refusesADamagedFileAndLeavesItAsItIs() throws Exception {
    Path file = dir.resolve("troupe");
    Journal.h2(file).close();
    Path data = Path.of(file + ".mv.db");
    byte[] whole = Files.readAllBytes(data);
    byte[] garbage = new byte[whole.length];
    java.util.Arrays.fill(garbage, (byte) 'x');
    Files.write(data, garbage);
    assertThatThrownBy(() -> Journal.h2(file))
        .isInstanceOf(Journal.Unusable.class)
        .hasMessageContaining(data.toString())
        .hasMessageContaining("nothing in it was changed");
    assertThat(Files.readAllBytes(data)).isEqualTo(garbage);
    Files.write(data, new byte[0]);
    assertThatThrownBy(() -> Journal.h2(file)).hasMessageContaining("is empty");
    assertThat(Files.size(data)).isZero();
    Files.write(data, whole);
    Journal.h2(file).close();
  }
}
