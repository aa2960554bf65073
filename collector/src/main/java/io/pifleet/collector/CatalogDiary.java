package io.pifleet.collector;

import io.pifleet.collector.catalog.Catalog;
import io.pifleet.collector.receive.ReceptionLog;
import io.pifleet.collector.store.StoreEvent;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes into the catalog what happens, and into the log what happens to the store. A catalog that
 * cannot be written is reported once, until it can; nothing stored depends on it. Thread-safe.
 */
final class CatalogDiary implements StoreEvent.Listener, ReceptionLog.Memory {
  private static final Logger LOG = LoggerFactory.getLogger(CatalogDiary.class);

  private final Catalog catalog;
  private volatile String problem;

  CatalogDiary(Catalog catalog) {
    this.catalog = catalog;
  }

  /** Why the catalog could not be written the last time; empty while it can. */
  Optional<String> problem() {
    return Optional.ofNullable(problem);
  }

  @Override
  public void happened(StoreEvent event) {
    switch (event.kind()) {
      case ADOPTED, DROPPED, DELETED -> LOG.info("{}: {}", event.device(), event.text());
      case CONFLICT, RETURNED, VANISHED, DAMAGED ->
          LOG.warn("{}: {}", event.device(), event.text());
    }
    event(event.kind().name().toLowerCase(Locale.ROOT), event.device(), event.text());
  }

  @Override
  public void seen(String device, String address) {
    write(() -> catalog.seen(device, address));
  }

  @Override
  public void event(String kind, String device, String text) {
    write(() -> catalog.event(kind, device, text));
  }

  private interface Entry {
    void write() throws IOException;
  }

  private void write(Entry entry) {
    try {
      entry.write();
      if (problem != null) {
        problem = null;
        LOG.info("the catalog can be written again");
      }
    } catch (IOException e) {
      if (problem == null) {
        LOG.error("the catalog cannot be written: {}", e.getMessage());
      }
      problem = "the catalog cannot be written: " + e.getMessage();
    }
  }
}
