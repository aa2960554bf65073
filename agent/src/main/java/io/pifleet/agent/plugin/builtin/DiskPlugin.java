package io.pifleet.agent.plugin.builtin;

import io.pifleet.agent.plugin.Gathering;
import io.pifleet.agent.plugin.NamePattern;
import io.pifleet.agent.plugin.Plugin;
import io.pifleet.agent.plugin.PluginRecipe;
import io.pifleet.daemon.config.Section;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How full the file systems are: those in /proc/self/mounts (fstab(5)) that live on a device of
 * this machine, each once whatever the number of its mounts, and the one at {@code /} whatever it
 * is. File systems of the network are not asked, because a server that is gone would hold the run
 * up.
 */
final class DiskPlugin implements Plugin {

  /** Always full by nature. */
  private static final List<String> DEFAULT_IGNORED_TYPES =
      List.of("squashfs", "iso9660", "udf", "erofs");

  /** A machine with more has containers, whose mounts are of the same few devices. */
  private static final int MAX_FILE_SYSTEMS = 256;

  private final String mounts;
  private final String kernelTypes;
  private final Usage usage;
  private final List<NamePattern> ignoredTypes;
  private final KernelText text = new KernelText();
  private final Set<String> virtualTypes = new HashSet<>();
  private final Set<String> devices = new HashSet<>();

  /** statvfs(3) of a mount point. A seam, because no test can have a disk of known size. */
  interface Usage {
    /**
     * Bytes of the file system, bytes that nobody uses, bytes that a user without privileges may
     * still use; 0 when unknown.
     */
    long[] of(String mountPoint);
  }

  DiskPlugin(Path root, List<NamePattern> ignoredTypes, Usage usage) throws IOException {
    this.mounts = root.resolve("proc/self/mounts").toString();
    this.kernelTypes = root.resolve("proc/filesystems").toString();
    this.ignoredTypes = ignoredTypes;
    this.usage = usage;
    readVirtualTypes();
  }

  @Override
  public void gather(Gathering gathering) throws IOException {
    devices.clear();
    text.load(mounts);
    while (text.nextLine()) {
      String device = text.word();
      String mountPoint = unescape(text.word());
      String type = text.word();
      boolean root = mountPoint.equals("/");
      if (!root && (isVirtual(type) || NamePattern.anyMatches(ignoredTypes, type))) {
        continue;
      }
      if (devices.size() < MAX_FILE_SYSTEMS && devices.add(device)) {
        record(gathering, mountPoint, device, type);
      }
    }
  }

  private void record(Gathering gathering, String mountPoint, String device, String type) {
    long[] bytes = usage.of(mountPoint);
    long total = bytes[0];
    long used = total - bytes[1];
    long free = bytes[2];
    if (total <= 0) {
      return; // unmounted meanwhile, or hidden from this user
    }
    gathering
        .lines()
        .line("disk")
        .tag("path", mountPoint)
        .tag("device", device.startsWith("/dev/") ? device.substring(5) : device)
        .tag("fstype", type)
        .field("total", total)
        .field("free", free)
        .field("used", used)
        // As df(1) has it: blocks that are reserved for root count as neither.
        .field("used_percent", StandardPlugins.percent(used, used + free))
        .end(gathering.stampNanos());
  }

  /**
   * Types that need no device, "nodev" in /proc/filesystems (proc_filesystems(5)), among them all
   * of the network.
   */
  private void readVirtualTypes() throws IOException {
    text.load(kernelTypes);
    while (text.nextLine()) {
      if (text.skip("nodev")) {
        virtualTypes.add(text.word());
      }
    }
    virtualTypes.remove("zfs"); // has its devices, but the kernel need not know
  }

  private boolean isVirtual(String type) {
    // A type of user space, such as fuse.sshfs, stands in the list as fuse only.
    int dot = type.indexOf('.');
    return virtualTypes.contains(dot < 0 ? type : type.substring(0, dot));
  }

  /**
   * Blanks and backslashes in paths are written as three octal digits, {@code \040}; see
   * getmntent(3).
   */
  static String unescape(String path) {
    if (path.indexOf('\\') < 0) {
      return path;
    }
    StringBuilder out = new StringBuilder(path.length());
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == '\\' && i + 3 < path.length()) {
        int code = 0;
        for (int digit = 1; digit <= 3; digit++) {
          int value = path.charAt(i + digit) - '0';
          code = value >= 0 && value < 8 && code >= 0 ? 8 * code + value : -1;
        }
        if (code > 0 && code < 0x80) {
          out.append((char) code);
          i += 3;
          continue;
        }
      }
      out.append(c);
    }
    return out.toString();
  }

  private static long[] statvfs(String mountPoint) {
    // File and not FileStore, which reads the list of mounts each time.
    File file = new File(mountPoint);
    return new long[] {file.getTotalSpace(), file.getFreeSpace(), file.getUsableSpace()};
  }

  record Recipe(Path root, List<String> ignoredTypes) implements PluginRecipe {
    @Override
    public Plugin create() throws IOException {
      return new DiskPlugin(root, NamePattern.all(ignoredTypes), DiskPlugin::statvfs);
    }
  }

  record Factory(Path root) implements StandardFactory {
    @Override
    public String type() {
      return "disk";
    }

    @Override
    public PluginRecipe configure(Section section) {
      List<String> ignored = section.texts("ignore-types", DEFAULT_IGNORED_TYPES);
      try {
        NamePattern.all(ignored);
      } catch (IllegalArgumentException e) {
        section.refuse("ignore-types", "types of file systems, with * and ?; " + e.getMessage());
      }
      return new Recipe(root, ignored);
    }
  }
}
