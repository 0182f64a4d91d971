package dev.troupe.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ScriptModuleTest {

  @Test
  void callsMethodsAndDifferentiates() {
    try (NDManager manager = Engine.newManager();
        ScriptModule module =
            ScriptModule.load(
                manager, ScriptModuleTest.class, "ops.torchscript", Map.of("FACTOR", 3))) {
      NDArray x = manager.create(new float[] {1, 2});
      NDArray y = manager.create(new float[] {10, 20});
      NDArray z = manager.create(new float[] {1, 2});
      assertThat(module.call("sum", false, x, List.of(y, z)).head().toFloatArray())
          .containsExactly(36, 72);
      NDList result = module.call("square_and_gradient", true, x);
      assertThat(result.get(0).toFloatArray()).containsExactly(1, 4);
      assertThat(result.get(1).toFloatArray()).containsExactly(2, 4);
    }
  }

  @Test
  void aBufferIsATensorsMemory() {
    try (NDManager manager = Engine.newManager()) {
      ByteBuffer memory = FlatMath.allocate(2);
      try (NDArray array = manager.create(memory, new Shape(2), DataType.FLOAT32)) {
        memory.putFloat(4, 5);
        assertThat(array.toFloatArray()).containsExactly(0, 5);
        array.addi(1);
        assertThat(memory.getFloat(0)).isEqualTo(1);
      }
    }
  }

  @Test
  void saysWhatIsWrongWithASource() {
    try (NDManager manager = Engine.newManager()) {
      assertThatThrownBy(
              () -> ScriptModule.load(manager, ScriptModuleTest.class, "ops.torchscript", Map.of()))
          .hasMessageContaining("ops.torchscript: no value for $FACTOR$");
      assertThatThrownBy(
              () ->
                  ScriptModule.load(
                      manager, ScriptModuleTest.class, "ops.torchscript", Map.of("FACTOR", "((")))
          .hasMessageContaining("ops.torchscript: does not compile");
      assertThatThrownBy(() -> ScriptModule.load(manager, ScriptModuleTest.class, "none", Map.of()))
          .hasMessageContaining("no resource none");
    }
  }

  @Test
  void threadsAreSetOnce() {
    try (NDManager manager = Engine.newManager()) {
      int threads = Engine.threads();
      Engine.start(threads);
      assertThatThrownBy(() -> Engine.start(threads + 1))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("use one number a process");
      assertThat(manager.isOpen()).isTrue();
    }
    assertThatThrownBy(() -> Engine.start(0)).hasMessage("threads: 0 (expected: >= 1)");
  }
}
