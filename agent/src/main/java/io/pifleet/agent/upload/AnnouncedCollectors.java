package io.pifleet.agent.upload;

import io.pifleet.protocol.discovery.Discovered;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Collectors heard by multicast DNS: the pinned one; before any is pinned, the only one. With
 * several unknown ones there is no telling which is meant, so that is said, and nothing is sent.
 */
public final class AnnouncedCollectors implements Targets {
  private static final Logger LOG = LoggerFactory.getLogger(AnnouncedCollectors.class);
  private static final int NAMED = 5;

  private final Supplier<List<Discovered>> heard;
  private final PinnedCollector pinned;
  private final String ownTransport;
  private volatile Optional<String> problem = Optional.empty();

  /**
   * @param heard collectors known now, see {@code MulticastDns.known}
   * @param ownTransport those that announce another one are left out, with a word about it
   */
  public AnnouncedCollectors(
      Supplier<List<Discovered>> heard, PinnedCollector pinned, String ownTransport) {
    this.heard = heard;
    this.pinned = pinned;
    this.ownTransport = ownTransport;
  }

  @Override
  public List<Target> now() {
    List<Discovered> all = heard.get();
    List<Discovered> usable = new ArrayList<>();
    for (Discovered one : all) {
      boolean sameTransport = ownTransport.equals(one.text().getOrDefault("transport", ""));
      if (sameTransport && (pinned.id().isEmpty() || pinned.id().get().equals(one.id()))) {
        usable.add(one);
      }
    }
    say(problemWith(all, usable));
    if (usable.size() != 1) {
      return List.of();
    }
    Discovered one = usable.get(0);
    List<InetSocketAddress> addresses =
        one.addresses().stream().map(a -> new InetSocketAddress(a, one.port())).toList();
    return List.of(new Target(one.id(), Optional.of(one.id()), addresses));
  }

  @Override
  public Optional<String> problem() {
    return problem;
  }

  @Override
  public void delivered(String collectorId) {
    try {
      boolean first = pinned.id().isEmpty();
      pinned.pin(collectorId);
      if (first) {
        LOG.info("collector {} is pinned: from now on only it gets archives", collectorId);
      }
    } catch (IOException e) {
      LOG.warn("collector {} could not be pinned: {}", collectorId, e.toString());
    }
  }

  private Optional<String> problemWith(List<Discovered> all, List<Discovered> usable) {
    if (usable.size() == 1) {
      return Optional.empty();
    }
    if (usable.size() > 1) {
      return Optional.of(
          usable.size()
              + " collectors are announced ("
              + names(usable)
              + ") and none is pinned yet: name one under pifleet.collectors");
    }
    Optional<String> wanted = pinned.id();
    boolean heardOf = all.stream().anyMatch(one -> wanted.filter(one.id()::equals).isPresent());
    if (wanted.isPresent() && !heardOf) {
      return Optional.of(
          "the pinned collector "
              + wanted.get()
              + " is not announced"
              + (all.isEmpty()
                  ? ""
                  : "; heard: "
                      + names(all)
                      + "; to go over to another one, name it under pifleet.collectors, or delete "
                      + pinned.file()
                      + " and restart"));
    }
    return Optional.of(
        all.isEmpty()
            ? "no collector is announced"
            : "announced with another transport than " + ownTransport + ": " + names(all));
  }

  private void say(Optional<String> now) {
    if (!now.equals(problem)) {
      problem = now;
      now.ifPresent(text -> LOG.info("waiting for a collector: {}", text));
    }
  }

  private static String names(List<Discovered> collectors) {
    StringBuilder names = new StringBuilder();
    for (int i = 0; i < collectors.size() && i < NAMED; i++) {
      names.append(i == 0 ? "" : ", ").append(collectors.get(i).id());
    }
    return names.append(collectors.size() > NAMED ? ", …" : "").toString();
  }
}
