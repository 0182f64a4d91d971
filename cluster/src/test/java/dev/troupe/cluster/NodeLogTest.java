package dev.troupe.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.ContextInitializer;
import ch.qos.logback.core.joran.spi.JoranException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

class NodeLogTest {

  private static final Logger LOG = LoggerFactory.getLogger(NodeLogTest.class);

  @TempDir Path dir;

  @AfterEach
  void backToStandardError() throws JoranException {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    new ContextInitializer(context).autoConfig();
  }

  private Path start(Map<String, String> more) {
    Path file = dir.resolve("node.log");
    var settings = new HashMap<>(more);
    settings.put("troupe.log.file", file.toString());
    NodeLog.start(NodeConfig.load(Optional.empty(), settings).log());
    return file;
  }

  @Test
  void aRecordIsOneLineWithWhatItBelongsTo() throws IOException {
    Path file = start(Map.of());
    MDC.put(NodeLog.JOB, "j1");
    MDC.put(NodeLog.RANK, "2");
    try {
      LOG.info("two\nlines");
      LOG.warn("failed", new IllegalStateException("why"));
    } finally {
      MDC.clear();
    }
    LOG.info("plain");
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(3);
    assertThat(lines.get(0))
        .matches("\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z INFO  NodeLogTest job=j1 rank=2 - two \\| lines");
    assertThat(lines.get(1))
        .contains("NodeLogTest job=j1 rank=2 - failed")
        .contains("java.lang.IllegalStateException: why | at ");
    assertThat(lines.get(2)).endsWith("INFO  NodeLogTest - plain");
  }

  @Test
  void theFilesAreBounded() throws IOException {
    start(Map.of("troupe.log.bytes", "64KiB", "troupe.log.files", "2"));
    String text = "x".repeat(1000);
    for (int i = 0; i < 1000; i++) {
      LOG.info(text);
    }
    long bytes = 0;
    try (var files = Files.list(dir)) {
      for (Path file : files.toList()) {
        bytes += Files.size(file);
      }
    }
    assertThat(bytes).isBetween(128L << 10, 200_000L);
  }
}
