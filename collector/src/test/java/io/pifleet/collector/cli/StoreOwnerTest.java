package io.pifleet.collector.cli;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.pifleet.daemon.cli.CommandFailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StoreOwnerTest {
  @TempDir private Path store;

  @Test
  void letsTheOwnerOfTheStoreWriteToIt() {
    assertDoesNotThrow(() -> StoreOwner.require(store, StoreOwner.caller(), "forget pi-1"));
  }

  @Test
  void tellsAnybodyElseHowToRunItAsTheOwner() throws IOException {
    UserPrincipal nobody =
        store.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody");
    String owner = Files.getOwner(store).getName();
    CommandFailedException refusal =
        assertThrows(
            CommandFailedException.class, () -> StoreOwner.require(store, nobody, "forget pi-1"));
    assertEquals(
        store
            + " belongs to "
            + owner
            + ", and files that nobody makes there would lock the collector out; run this"
            + " instead: runuser -u "
            + owner
            + " -- pifleet-collector forget pi-1",
        refusal.getMessage());
  }
}
