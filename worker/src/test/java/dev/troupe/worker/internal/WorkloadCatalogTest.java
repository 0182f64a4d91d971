package dev.troupe.worker.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.cluster.protocol.WorkerInfo.WorkloadInfo;
import dev.troupe.worker.TestWorkload;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkloadCatalogTest {

  @TempDir Path jars;

  @Test
  void brokenJarsAreLeftOutAndTheOthersGoOn() throws Exception {
    Files.writeString(jars.resolve("broken.jar"), "not a jar");
    jar("empty.jar", "unrelated.txt", "nothing");
    jar("wrong.jar", "META-INF/services/dev.troupe.core.Workload", "no.such.Class\n");

    WorkloadCatalog catalog = WorkloadCatalog.load(jars);

    assertThat(catalog.infos()).extracting(WorkloadInfo::name).containsExactly("test");
    assertThat(catalog.infos().get(0).optionsSchema()).contains("\"count\"");
    assertThat(catalog.find("unknown")).isNull();
    assertThat(catalog.problems()).hasSize(3);
    assertThat(catalog.problems().get(0)).startsWith(jars.resolve("broken.jar") + " is left out");
    assertThat(catalog.problems().get(1)).contains("empty.jar is left out: no workload in it");
    assertThat(catalog.problems().get(2))
        .contains("wrong.jar is left out")
        .contains("no.such.Class");
  }

  @Test
  void onlyTasksAndMembersAreLoaded() {
    WorkloadCatalog.Entry entry = WorkloadCatalog.load(null).find("test");

    assertThat(entry.taskClass(TestWorkload.Square.class.getName()))
        .isEqualTo(TestWorkload.Square.class);
    assertThatThrownBy(() -> entry.memberClass(TestWorkload.Square.class.getName()))
        .hasMessageContaining("expected: a record that implements GangMember");
    assertThatThrownBy(() -> entry.taskClass("java.lang.Runtime"))
        .hasMessageContaining("expected: a record that implements Task");
    assertThatThrownBy(() -> entry.taskClass("no.such.Class"))
        .hasMessageContaining("class no.such.Class is not on this worker");
  }

  private void jar(String name, String entry, String content) throws IOException {
    try (OutputStream file = Files.newOutputStream(jars.resolve(name));
        JarOutputStream jar = new JarOutputStream(file)) {
      jar.putNextEntry(new JarEntry(entry));
      jar.write(content.getBytes(StandardCharsets.UTF_8));
      jar.closeEntry();
    }
  }
}
