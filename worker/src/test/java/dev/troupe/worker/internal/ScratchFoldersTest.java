package dev.troupe.worker.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScratchFoldersTest {

  @TempDir Path directory;

  @Test
  void aFolderIsEmptyAndGoesWithAllThatIsInIt() throws IOException {
    try (ScratchFolders folders = ScratchFolders.open(directory)) {
      Path one = folders.create();
      assertThat(one).isEmptyDirectory().isNotEqualTo(folders.create());
      Files.writeString(Files.createDirectories(one.resolve("a/b")).resolve("c"), "kept");

      folders.remove(one);

      assertThat(one).doesNotExist();
      folders.remove(one);
    }
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void whatAKilledWorkerLeftIsRemovedAndWhatAnotherHoldsIsNot() throws IOException {
    Path killed = Files.createDirectories(directory.resolve("troupe-work-1/model"));
    Files.writeString(killed.resolve("model.safetensors"), "large");
    Files.createFile(directory.resolve("troupe-work-1/.lock"));
    Path unlocked = Files.createDirectory(directory.resolve("troupe-work-2"));
    Files.setLastModifiedTime(unlocked, FileTime.from(Instant.now().minus(Duration.ofMinutes(2))));
    Path beginning = Files.createDirectory(directory.resolve("troupe-work-3"));
    Path others = Files.createDirectory(directory.resolve("somebody-elses"));

    try (ScratchFolders living = ScratchFolders.open(directory)) {
      Path work = living.create();
      assertThat(killed.getParent()).doesNotExist();
      assertThat(unlocked).doesNotExist();
      ScratchFolders.open(directory).close();
      assertThat(work).as("of a worker that lives").exists();
      assertThat(beginning).as("of one that is just starting").exists();
      assertThat(others).exists();
    }
  }
}
