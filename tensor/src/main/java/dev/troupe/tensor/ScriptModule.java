package dev.troupe.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import dev.troupe.tensor.internal.ScriptArchive;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * TorchScript source as callable methods: the way to the parts of libtorch that DJL's arrays lack
 * (fused attention, gradients for a given cotangent), and to few large native calls in place of
 * many small ones.
 *
 * <p>The source is one class named {@code Ops} in the form that a TorchScript archive holds.
 */
public final class ScriptModule implements AutoCloseable {

  private final NDManager manager;
  private final PtSymbolBlock block;

  private ScriptModule(NDManager manager, PtSymbolBlock block) {
    this.manager = manager;
    this.block = block;
  }

  /**
   * Compiles a resource.
   *
   * @param owner the class beside which the resource lies
   * @param constants values for the names that stand between dollar signs in the source
   * @throws IllegalArgumentException if the resource is missing, a name has no value, or the source
   *     does not compile
   */
  public static ScriptModule load(
      NDManager parent, Class<?> owner, String resource, Map<String, ?> constants) {
    String source = read(owner, resource);
    for (Map.Entry<String, ?> constant : constants.entrySet()) {
      source = source.replace("$" + constant.getKey() + "$", constant.getValue().toString());
    }
    int open = source.indexOf('$');
    if (open >= 0) {
      throw new IllegalArgumentException(
          "%s: no value for %s"
              .formatted(resource, source.substring(open, Math.min(open + 20, source.length()))));
    }
    NDManager manager = parent.newSubManager();
    try (InputStream archive = new ByteArrayInputStream(ScriptArchive.pack(source))) {
      return new ScriptModule(
          manager, JniUtils.loadModule((PtNDManager) manager, archive, false, false));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      manager.close();
      throw new IllegalArgumentException(resource + ": does not compile: " + e.getMessage(), e);
    }
  }

  private static String read(Class<?> owner, String resource) {
    try (InputStream in = owner.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalArgumentException(
            "no resource " + resource + " beside " + owner.getName());
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Calls a method.
   *
   * @param gradients whether the call may record operations for a backward pass
   * @param arguments arrays, or lists of arrays (not empty), each array in one place only; the
   *     first is an array whose manager gets the results
   * @return the array, or the arrays of the list, that the method returns
   */
  public NDList call(String method, boolean gradients, Object... arguments) {
    NDArray first = (NDArray) arguments[0];
    try (NDManager scratch = first.getManager().newSubManager();
        NDArray selector = scratch.create(0)) {
      selector.setName("module_method:" + method);
      NDList inputs = new NDList();
      for (int i = 0; i < arguments.length; i++) {
        add(inputs, arguments[i], i);
      }
      inputs.add(selector);
      // Both settings belong to the thread.
      JniUtils.setGraphExecutorOptimize(false);
      JniUtils.setGradMode(gradients);
      // "true": with "false" DJL makes inference tensors, which no later backward pass may touch.
      return IValueUtils.forward(block, inputs, true);
    }
  }

  private static void add(NDList inputs, Object argument, int position) {
    if (argument instanceof NDArray array) {
      array.setName(null);
      inputs.add(array);
      return;
    }
    String name = "p" + position + "[]"; // DJL makes one list of the arrays with such a name
    for (Object element : (List<?>) argument) {
      NDArray array = (NDArray) element;
      array.setName(name);
      inputs.add(array);
    }
  }

  @Override
  public void close() {
    block.close();
    manager.close();
  }
}
