package io.pifleet.agent.config;

import io.pifleet.agent.upload.CollectorAddress;
import java.util.List;

/**
 * Where archives go: to collectors that announce themselves, or to these.
 *
 * @param addresses empty: announced ones
 */
public record CollectorChoice(List<CollectorAddress> addresses) {
  public CollectorChoice {
    addresses = List.copyOf(addresses);
  }

  public boolean announced() {
    return addresses.isEmpty();
  }
}
