package io.pifleet.agent;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A tree with the few files by which a machine is known. */
final class FakeMachine {
  private final Path root;

  FakeMachine(Path root) throws IOException {
    this.root = root;
    write("proc/sys/kernel/random/boot_id", "2f5a7c1e-0000-4000-8000-0123456789ab\n");
  }

  Path root() {
    return root;
  }

  FakeMachine write(String path, String content) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.write(file, content.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  FakeMachine host(String name) throws IOException {
    return write("proc/sys/kernel/hostname", name + "\n");
  }

  /** As a device tree holds strings: with a NUL behind. */
  FakeMachine serial(String serial) throws IOException {
    return write("sys/firmware/devicetree/base/serial-number", serial + "\0");
  }

  FakeMachine machineId(String id) throws IOException {
    return write("etc/machine-id", id + "\n");
  }

  /** A clock at which it is {@code seconds} since 1970. */
  FakeMachine clock(String name, String seconds) throws IOException {
    return write("sys/class/rtc/" + name + "/since_epoch", seconds + "\n");
  }
}
