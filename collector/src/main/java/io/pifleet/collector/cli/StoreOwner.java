package io.pifleet.collector.cli;

import io.pifleet.daemon.cli.CommandFailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;

/**
 * Keeps others than the owner of a store from writing to it. Root could, but the lock, the catalog
 * and the directories that it made would be root's, and the daemon could not write them.
 */
final class StoreOwner {
  private StoreOwner() {}

  /** Whose process this is. */
  static UserPrincipal caller() throws IOException {
    return Files.getOwner(Path.of("/proc/self")); // proc(5): the effective user
  }

  /**
   * @param verb with its arguments, for who has to run it again as the owner
   * @throws CommandFailedException when the store is somebody else's
   */
  static void require(Path store, UserPrincipal caller, String verb)
      throws IOException, CommandFailedException {
    UserPrincipal owner = Files.getOwner(store);
    if (!owner.equals(caller)) {
      throw new CommandFailedException(
          store
              + " belongs to "
              + owner.getName()
              + ", and files that "
              + caller.getName()
              + " makes there would lock the collector out; run this instead: runuser -u "
              + owner.getName()
              + " -- "
              + CollectorCommand.NAME
              + " "
              + verb);
    }
  }
}
