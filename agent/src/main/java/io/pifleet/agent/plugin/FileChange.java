package io.pifleet.agent.plugin;

import java.nio.file.Path;

/**
 * A file in a certain state. The same (plugin, inode, size, mtime) is the same change, whatever the
 * path: a log that is rotated to another name is not taken again.
 *
 * @param plugin the plugin's name in the configuration
 * @param path absolute, as walked; its bytes need not be valid UTF-8
 * @param inode {@code st_ino}
 * @param sizeBytes {@code st_size}
 * @param mtimeNanos {@code st_mtim} in nanoseconds since 1970-01-01T00:00:00Z, may be negative
 */
public record FileChange(String plugin, Path path, long inode, long sizeBytes, long mtimeNanos) {}
