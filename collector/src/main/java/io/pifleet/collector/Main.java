package io.pifleet.collector;

import io.pifleet.collector.cli.CollectorCommand;

/** Where {@code pifleet-collector} begins. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.exit(CollectorCommand.run(args)); // threads may be left
  }
}
