package io.pifleet.collector.cli;

import io.pifleet.collector.catalog.Catalog;
import io.pifleet.collector.catalog.CatalogException;
import io.pifleet.collector.catalog.CatalogFile;
import io.pifleet.collector.store.StoreLayout;
import io.pifleet.collector.store.StoreScan;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;

/**
 * The catalog to look at: the collector's own, or, when that is missing or cannot be read, one in
 * memory that is made of what the store holds.
 */
final class CatalogView {
  private CatalogView() {}

  /**
   * @param device the only one that will be asked for; empty: all
   */
  static Catalog open(Path catalogFile, StoreLayout layout, Optional<String> device)
      throws IOException {
    try {
      return CatalogFile.openReadOnly(catalogFile, Clock.systemUTC());
    } catch (CatalogException e) {
      Catalog made = CatalogFile.inMemory(Clock.systemUTC());
      new StoreScan(layout).fill(made, device);
      return made;
    }
  }
}
