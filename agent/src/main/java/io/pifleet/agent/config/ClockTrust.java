package io.pifleet.agent.config;

/** When the agent believes the system's clock. */
public enum ClockTrust {
  /**
   * Always on machines that keep time while they are off; on boards without a clock of their own
   * once the kernel says that it is synchronized.
   */
  AUTO,
  /** Only once the kernel says that it is synchronized (adjtimex(2)). */
  SYNCHRONIZED,
  /** Always. */
  SYSTEM
}
