package io.pifleet.agent.plugin.builtin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.agent.plugin.NamePattern;
import io.pifleet.agent.plugin.Plugin;
import io.pifleet.agent.plugin.PluginOffException;
import io.pifleet.agent.plugin.RecordedRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BuiltInPluginsTest {
  @TempDir private Path root;

  @BeforeEach
  void capture() throws IOException {
    CapturedPi.copyTo(root);
  }

  private List<String> gather(Plugin plugin) throws Exception {
    return new RecordedRun().gather(plugin).unstamped();
  }

  private void later() throws IOException {
    Path stat = root.resolve("proc/stat");
    Files.move(root.resolve("proc/stat.later"), stat, StandardCopyOption.REPLACE_EXISTING);
  }

  @Test
  void cpuGivesTheSharesOfTheTimeSinceTheRunBefore() throws Exception {
    Plugin plugin = new CpuPlugin.Recipe(root, true).create();
    later();
    List<String> lines = gather(plugin);
    assertEquals(
        List.of(
            "cpu,cpu=cpu-total usage_user=5,usage_nice=0,usage_system=2.5,usage_idle=90,usage_iowait=2.5,"
                + "usage_irq=0,usage_softirq=0,usage_steal=0,usage_guest=0,usage_guest_nice=0",
            "cpu,cpu=cpu0 usage_user=10,usage_nice=0,usage_system=5,usage_idle=80,usage_iowait=5,"
                + "usage_irq=0,usage_softirq=0,usage_steal=0,usage_guest=0,usage_guest_nice=0"),
        lines.subList(0, 2));
    assertEquals(5, lines.size());
  }

  @Test
  void cpuWritesNothingWhenNoTickHasPassed() throws Exception {
    assertEquals(List.of(), gather(new CpuPlugin.Recipe(root, true).create()));
  }

  @Test
  void cpuTakesOneRecordWithoutTheSingleProcessors() throws Exception {
    Plugin plugin = new CpuPlugin.Recipe(root, false).create();
    later();
    assertEquals(1, gather(plugin).size());
  }

  @Test
  void cpuToleratesCountersThatRunBackwardsAndColumnsThatAreMissing() throws Exception {
    Files.writeString(root.resolve("proc/stat"), "cpu  100 0 0 1000 50\n");
    Plugin plugin = new CpuPlugin.Recipe(root, true).create();
    Files.writeString(root.resolve("proc/stat"), "cpu  150 0 50 1100 40\ncpu7 1 1 1 1\n");
    List<String> lines = gather(plugin);
    assertEquals(1, lines.size());
    assertTrue(
        lines
            .get(0)
            .startsWith(
                "cpu,cpu=cpu-total usage_user=25,usage_nice=0,usage_system=25,usage_idle=50,usage_iowait=0,"),
        lines.get(0));
  }

  @Test
  void cpuCountsGuestTimeOnce() throws Exception {
    Files.writeString(root.resolve("proc/stat"), "cpu  0 0 0 0 0 0 0 0 0 0\n");
    Plugin plugin = new CpuPlugin.Recipe(root, true).create();
    Files.writeString(root.resolve("proc/stat"), "cpu  60 0 0 40 0 0 0 0 20 0\n");
    assertTrue(gather(plugin).get(0).contains("usage_user=40,"), "user without guest");
  }

  @Test
  void memoryIsInBytes() throws Exception {
    assertEquals(
        List.of(
            "mem total=3977584640i,free=2830553088i,available=3573678080i,buffered=43134976i,"
                + "cached=762159104i,shared=1859584i,dirty=290816i,slab=94990336i,"
                + "swap_total=209711104i,swap_free=209711104i,used=403906560i,used_percent=10.15"),
        gather(new MemoryPlugin.Recipe(root).create()));
  }

  @Test
  void memoryFailsWithAMessageWhenTheFileIsNotWhatItWas() throws Exception {
    Files.writeString(root.resolve("proc/meminfo"), "MemTotal: lots\n");
    Plugin plugin = new MemoryPlugin.Recipe(root).create();
    IOException e = assertThrows(IOException.class, () -> gather(plugin));
    assertEquals(
        root.resolve("proc/meminfo") + " holds \"lots\" where a number was expected",
        e.getMessage());
  }

  @Test
  void networkCountsEachInterfaceButTheIgnoredOnes() throws Exception {
    assertEquals(
        List.of(
            "net,interface=eth0 bytes_recv=918273645i,packets_recv=812736i,err_in=0i,drop_in=13i,"
                + "bytes_sent=71829304i,packets_sent=401928i,err_out=0i,drop_out=0i",
            "net,interface=wlan0 bytes_recv=12345678901234i,packets_recv=99i,err_in=1i,drop_in=2i,"
                + "bytes_sent=4096i,packets_sent=12i,err_out=3i,drop_out=4i"),
        gather(new NetworkPlugin.Recipe(root, List.of("lo", "veth*")).create()));
  }

  @Test
  void temperatureIsInDegrees() throws Exception {
    assertEquals(
        List.of("temp,zone=thermal_zone0,type=cpu-thermal temp=48.312"),
        gather(new TemperaturePlugin.Recipe(root).create()));
  }

  @Test
  void temperatureKeepsTheOtherZonesWhenOneCannotBeRead() throws Exception {
    Path second = Files.createDirectory(root.resolve("sys/class/thermal/thermal_zone1"));
    Files.writeString(second.resolve("type"), "nvme\n");
    Files.writeString(second.resolve("temp"), "-5500\n");
    Plugin plugin = new TemperaturePlugin.Recipe(root).create();
    Files.delete(root.resolve("sys/class/thermal/thermal_zone0/temp"));
    RecordedRun run = new RecordedRun().gather(plugin);
    assertEquals(List.of("temp,zone=thermal_zone1,type=nvme temp=-5.5"), run.unstamped());
    assertTrue(run.problem().contains("thermal_zone0/temp (No such file"), run.problem());
  }

  @Test
  void temperatureIsOffWithoutAZone() throws Exception {
    Files.delete(root.resolve("sys/class/thermal/thermal_zone0/temp"));
    PluginOffException e =
        assertThrows(PluginOffException.class, () -> new TemperaturePlugin.Recipe(root).create());
    assertEquals("no thermal zone under " + root.resolve("sys/class/thermal"), e.getMessage());
  }

  @Test
  void diskShowsEachLocalFileSystemOnce() throws Exception {
    DiskPlugin.Usage usage =
        mountPoint -> mountPoint.equals("/gone") ? new long[3] : new long[] {1000, 400, 350};
    Plugin plugin = new DiskPlugin(root, NamePattern.all(List.of("squashfs")), usage);
    String fields = " total=1000i,free=350i,used=600i,used_percent=63.16";
    assertEquals(
        List.of(
            "disk,path=/,device=root,fstype=ext4" + fields,
            "disk,path=/boot/firmware,device=mmcblk0p1,fstype=vfat" + fields,
            "disk,path=/media/usb\\ stick,device=sda1,fstype=ext4" + fields,
            "disk,path=/tank,device=tank,fstype=zfs" + fields),
        gather(plugin));
    assertEquals(4, gather(plugin).size(), "the second run finds the same");
  }

  @Test
  void diskShowsTheRootWhateverItIs() throws Exception {
    Files.writeString(
        root.resolve("proc/self/mounts"), "overlay / overlay rw 0 0\noverlay /x overlay rw 0 0\n");
    Plugin plugin = new DiskPlugin(root, List.of(), mountPoint -> new long[] {1000, 400, 400});
    assertEquals(
        List.of(
            "disk,path=/,device=overlay,fstype=overlay total=1000i,free=400i,used=600i,used_percent=60"),
        gather(plugin));
  }

  @Test
  void diskReadsEscapedPaths() {
    assertEquals("/a b\t\\c", DiskPlugin.unescape("/a\\040b\\011\\134c"));
    assertEquals("/odd\\9", DiskPlugin.unescape("/odd\\9"));
    assertEquals("/é\\040", DiskPlugin.unescape("/é\\134040"));
  }

  @Test
  void everyBuiltInReadsThisMachine() throws Exception {
    Path machine = Path.of("/");
    Plugin cpu = new CpuPlugin.Recipe(machine, true).create();
    String busy = Files.readString(machine.resolve("proc/stat"));
    while (busy.equals(Files.readString(machine.resolve("proc/stat")))) {
      Thread.onSpinWait(); // until a tick has passed
    }
    assertTrue(gather(cpu).size() <= Runtime.getRuntime().availableProcessors() + 1024);
    assertEquals(1, gather(new MemoryPlugin.Recipe(machine).create()).size());
    List<String> disks = gather(new DiskPlugin.Recipe(machine, List.of()).create());
    assertTrue(disks.get(0).startsWith("disk,path=/,device="), disks.toString());
    List<String> interfaces = gather(new NetworkPlugin.Recipe(machine, List.of()).create());
    assertTrue(
        interfaces.stream().anyMatch(line -> line.startsWith("net,interface=lo bytes_recv=")),
        interfaces.toString());
  }
}
