package io.pifleet.collector.catalog;

import java.io.IOException;
import java.sql.SQLException;

/** The catalog cannot be read or written. Nothing stored is lost by it. */
public final class CatalogException extends IOException {
  private static final long serialVersionUID = 1L;

  CatalogException(String message, Throwable cause) {
    super(message, cause);
  }

  CatalogException(SQLException cause) {
    this("catalog: " + cause.getMessage(), cause);
  }
}
