/**
 * Linux calls through JNA, and nothing else knows JNA.
 *
 * <p>The two bindings, {@link io.pifleet.linux.LibC} and {@link io.pifleet.linux.LibZstd}, are
 * private to the package and loaded by {@link io.pifleet.linux.NativeLibraries} at first use, each
 * on its own. What the rest of pifleet sees speaks Java: channels, direct buffers, records,
 * exceptions with a sentence in them.
 */
package io.pifleet.linux;
