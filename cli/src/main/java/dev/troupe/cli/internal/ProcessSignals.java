package dev.troupe.cli.internal;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;

/**
 * The real signals of this process. The JDK has nothing but {@code sun.misc.Signal} to tell a first
 * Ctrl-C from a second; it is used by reflection, because the compiler warns of its very name.
 */
final class ProcessSignals implements Signals {

  private static final String SIGNAL = "sun.misc.Signal";
  private static final String HANDLER = "sun.misc.SignalHandler";

  @Override
  public void onInterrupt(Runnable handler) {
    try {
      Class<?> signalType = Class.forName(SIGNAL);
      Class<?> handlerType = Class.forName(HANDLER);
      Object signal = signalType.getConstructor(String.class).newInstance("INT");
      Object target =
          handler == null
              ? handlerType.getField("SIG_DFL").get(null)
              : Proxy.newProxyInstance(
                  handlerType.getClassLoader(), new Class<?>[] {handlerType}, running(handler));
      signalType.getMethod("handle", signalType, handlerType).invoke(null, signal, target);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this Java has no module jdk.unsupported", e);
    }
  }

  @Override
  public void exit(int code) {
    System.exit(code);
  }

  private static InvocationHandler running(Runnable handler) {
    return (proxy, method, arguments) ->
        switch (method.getName()) {
          case "handle" -> {
            handler.run();
            yield null;
          }
          case "equals" -> proxy == arguments[0];
          case "hashCode" -> System.identityHashCode(proxy);
          default -> "troupe's handler of Ctrl-C";
        };
  }
}
