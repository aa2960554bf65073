/**
 * The plugins that every device has: {@code cpu}, {@code memory}, {@code disk}, {@code network},
 * {@code temperature}. They read what the kernel shows under /proc and /sys and need no rights.
 * Begin with {@link io.pifleet.agent.plugin.builtin.KernelText}. What they measure: {@code
 * agent/plugins.md}.
 */
package io.pifleet.agent.plugin.builtin;
