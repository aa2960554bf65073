package io.pifleet.agent.spool;

import io.pifleet.linux.FileSystemSpace;
import java.io.IOException;
import java.nio.file.Path;

/** What the file system under the spool has left. */
interface SpaceProbe {
  /** Bytes that an unprivileged process can still write. */
  long usableBytes() throws IOException;

  /** Files that can still be made; {@link Long#MAX_VALUE} when the file system does not count. */
  long freeInodes() throws IOException;

  static SpaceProbe of(Path directory) {
    return new SpaceProbe() {
      @Override
      public long usableBytes() throws IOException {
        return FileSystemSpace.of(directory).freeBytes();
      }

      @Override
      public long freeInodes() throws IOException {
        FileSystemSpace space = FileSystemSpace.of(directory);
        return space.inodes() == 0 ? Long.MAX_VALUE : space.freeInodes();
      }
    };
  }
}
