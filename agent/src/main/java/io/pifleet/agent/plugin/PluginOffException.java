package io.pifleet.agent.plugin;

/**
 * What a plugin watches does not exist on this device. No failure: its status says {@code off: }
 * and this message, for example {@code no thermal zone under /sys/class/thermal}.
 */
public final class PluginOffException extends Exception {

  private static final long serialVersionUID = 1;

  public PluginOffException(String message) {
    super(message);
  }
}
