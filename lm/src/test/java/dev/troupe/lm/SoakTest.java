package dev.troupe.lm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.tensor.FlatMath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Native memory stays where it is over many steps (djl#2210). */
class SoakTest {

  private static final Path STATUS = Path.of("/proc/self/statm");
  private static final int PAGE = 4096;

  private static long residentBytes() throws IOException {
    return Long.parseLong(Files.readString(STATUS).split(" ", 3)[1]) * PAGE;
  }

  @Test
  void threeHundredStepsLeakNothing() throws Exception {
    Assumptions.assumeTrue(Files.exists(STATUS), "no /proc: resident memory cannot be read");
    LmConfig config = LmConfig.small(200, 32, 64, 4, 4, 64);
    // Each step makes about 3 MiB of activations and gradients; a leak of any would show.
    int[] tokens = new int[48];
    List<Example> examples = java.util.Collections.nCopies(16, Example.of(tokens));
    try (CausalLm model = CausalLm.random(config, 1, 1 << 16)) {
      ByteBuffer gradients = FlatMath.allocate(model.layout().size());
      Batch batch = Batch.of(examples, 64);
      long warm = 0;
      for (int step = 0; step < 300; step++) {
        if (step == 100) {
          warm = residentBytes();
        }
        model.forwardBackward(batch, batch.countedTokens(), gradients, bucket -> {});
        if (step % 30 == 0) {
          model.evaluate(batch);
          model.generate(List.of(new int[] {1, 2}, new int[] {3}), 8, Set.of());
        }
      }
      assertThat(residentBytes() - warm).isLessThan(64L << 20);
    }
  }
}
