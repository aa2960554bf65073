package io.pifleet.daemon.lifecycle;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/**
 * Takes over a signal with {@code sun.misc.Signal}, which has no supported successor.
 *
 * <p><b>Design note:</b> by reflection, since {@code javac --release} warns of that class without a
 * way to switch the warning off, and warnings are errors here; and a JDK that no longer has it
 * leaves a daemon that still stops by its shutdown hook.
 */
final class SignalTrap {
  private SignalTrap() {}

  /**
   * @param name without SIG
   * @param action runs on a thread of the JVM, must be short
   * @throws UnsupportedOperationException when the JVM keeps the signal ({@code -Xrs}) or has no
   *     such class
   */
  static void set(String name, Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object proxy =
          Proxy.newProxyInstance(
              SignalTrap.class.getClassLoader(), new Class<?>[] {handler}, new OnSignal(action));
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
    } catch (InvocationTargetException e) {
      throw new UnsupportedOperationException(e.getCause().getMessage(), e);
    } catch (ReflectiveOperationException e) {
      throw new UnsupportedOperationException("this JVM has no sun.misc.Signal", e);
    }
  }

  private record OnSignal(Runnable action) implements InvocationHandler {
    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) {
      return switch (method.getName()) {
        case "handle" -> {
          action.run();
          yield null;
        }
        case "equals" -> proxy == arguments[0];
        case "hashCode" -> System.identityHashCode(proxy);
        default -> "signal trap";
      };
    }
  }
}
