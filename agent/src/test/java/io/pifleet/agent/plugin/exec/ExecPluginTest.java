package io.pifleet.agent.plugin.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.pifleet.agent.plugin.RecordedRun;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes: shell scripts that behave, and scripts that do not. */
final class ExecPluginTest {
  private static final long MIB = 1024 * 1024;

  @TempDir private Path directory;

  private final RecordedRun run = new RecordedRun();

  private static ExecPlugin plugin(
      long maxOutputBytes, Map<String, String> environment, String... command) {
    return new ExecPlugin(new ExecRecipe(List.of(command), environment, maxOutputBytes));
  }

  private static ExecPlugin script(String script) {
    return plugin(MIB, Map.of(), "/bin/sh", "-c", script);
  }

  /**
   * Runs the script on a thread, and interrupts it when the script has written the file "ready".
   */
  private Throwable interruptWhenReady(String script) throws Exception {
    Throwable[] thrown = new Throwable[1];
    Thread worker =
        new Thread(
            () -> {
              try {
                run.gather(script(script));
              } catch (Throwable e) {
                thrown[0] = e;
              }
            });
    worker.start();
    await("the script is ready", () -> Files.exists(directory.resolve("ready")));
    worker.interrupt();
    worker.join(20_000);
    assertFalse(worker.isAlive(), "the run did not end");
    return thrown[0];
  }

  private void awaitDeath(String pidFile) throws Exception {
    Path pid = Path.of("/proc", Files.readString(directory.resolve(pidFile)).strip());
    await(pidFile + " is dead", () -> !isAlive(pid.resolve("stat")));
  }

  /** Scripts go there first, and what they start stays there. */
  private void awaitNobodyInDirectory() throws Exception {
    await("nobody is left in " + directory, () -> !anybodyInDirectory());
  }

  private boolean anybodyInDirectory() throws IOException {
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[1-9]*")) {
      for (Path process : processes) {
        try {
          if (Files.readSymbolicLink(process.resolve("cwd")).equals(directory)) {
            return true;
          }
        } catch (IOException e) {
          // ended since it was listed
        }
      }
    }
    return false;
  }

  private static void await(String what, Callable<Boolean> condition) throws Exception {
    long start = System.nanoTime();
    while (!condition.call()) {
      if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(20)) {
        fail("not within 20 s: " + what);
      }
      TimeUnit.MILLISECONDS.sleep(2);
    }
  }

  /**
   * One that is dead and waits for its new parent, the machine's init, to notice counts as dead.
   */
  private static boolean isAlive(Path stat) {
    try {
      String line = Files.readString(stat);
      return line.charAt(line.lastIndexOf(')') + 2) != 'Z';
    } catch (IOException e) {
      return false;
    }
  }

  private static List<Long> ownChildren() {
    return ProcessHandle.current().children().map(ProcessHandle::pid).toList();
  }

  private static long openPipes() throws IOException {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return descriptors
          .filter(
              descriptor -> {
                try {
                  return Files.readSymbolicLink(descriptor).toString().startsWith("pipe:");
                } catch (IOException e) {
                  return false; // closed since it was listed
                }
              })
          .count();
    }
  }

  @Test
  void takesTheLinesOfACommand() throws Exception {
    run.gather(script("echo 'fan rpm=1200i'; echo 'fan,n=2 rpm=0i 5'"));
    assertEquals("fan rpm=1200i " + RecordedRun.STAMP + "\nfan,n=2 rpm=0i 5\n", run.text());
  }

  @Test
  void passesArgumentsWithoutAShell() throws Exception {
    run.gather(plugin(MIB, Map.of(), "/usr/bin/printf", "m f=\"%s\"\\n", "$HOME; `id` *"));
    assertEquals(List.of("m f=\"$HOME; `id` *\""), run.unstamped());
  }

  @Test
  void runsInTheRootWithACleanEnvironmentAndNoInput() throws Exception {
    Map<String, String> environment = Map.of("TZ", "UTC");
    run.gather(
        plugin(
            MIB,
            environment,
            "/bin/sh",
            "-c",
            "for v in $(env | grep -vE '^(PWD|_|SHLVL|OLDPWD)=' | cut -d= -f1 | sort); do echo \"$v f=1\"; done;"
                + " echo \"dir f=\\\"$(pwd)\\\"\"; read x || echo 'eof f=1'; echo \"lang f=\\\"$LANG\\\"\""));
    assertEquals(
        List.of(
            "LANG f=1",
            "PATH f=1",
            "PIFLEET_RUN f=1",
            "TZ f=1",
            "dir f=\"/\"",
            "eof f=1",
            "lang f=\"C.UTF-8\""),
        run.unstamped());
  }

  @Test
  void failsWithTheFirstLineOfStandardErrorAndKeepsWhatWasWritten() {
    IOException e =
        assertThrows(
            IOException.class,
            () ->
                run.gather(
                    script(
                        "echo 'm f=1'; echo; echo 'no sensor\tfound' >&2; echo more >&2; exit 3")));
    assertEquals("/bin/sh ended with exit status 3: \"no sensor\\tfound\"", e.getMessage());
    assertEquals(List.of("m f=1"), run.unstamped());
  }

  @Test
  void rejectsGarbageAndKeepsTheRest() throws Exception {
    run.gather(
        script("echo 'm f=1'; head -c 100000 /dev/urandom; echo; echo 'm f=2'; echo oops >&2"));
    assertEquals("m f=1", run.unstamped().get(0));
    assertEquals("m f=2", run.unstamped().get(run.records() - 1));
    assertTrue(run.rejected() > 0);
  }

  @Test
  void takesALargeOutputWhole() throws Exception {
    run.gather(script("i=0; while [ $i -lt 20000 ]; do echo \"m i=${i}i\"; i=$((i+1)); done"));
    assertEquals(20_000, run.records());
    assertEquals("m i=19999i", run.unstamped().get(19_999));
  }

  @Test
  void losesNothingThatIsWrittenJustBeforeTheEnd() throws Exception {
    for (int i = 0; i < 100; i++) {
      RecordedRun again = new RecordedRun().gather(script("echo 'a f=1'; echo 'b f=2'"));
      assertEquals(List.of("a f=1", "b f=2"), again.unstamped(), "round " + i);
    }
  }

  @Test
  void endsACommandThatFloods() {
    IOException e =
        assertThrows(
            IOException.class,
            () -> run.gather(plugin(64 * 1024, Map.of(), "/usr/bin/yes", "m f=1")));
    assertEquals("/usr/bin/yes wrote more than 65536 bytes and was ended", e.getMessage());
    assertTrue(run.records() > 1000, "lines before the limit count: " + run.records());
  }

  @Test
  void isNotHeldUpByAFloodOfErrors() throws Exception {
    run.gather(script("head -c 3000000 /dev/zero | tr '\\0' 'e' >&2; echo 'm f=1'"));
    assertEquals(List.of("m f=1"), run.unstamped());
  }

  @Test
  void saysSoWhenTheProgramIsMissing() {
    IOException e =
        assertThrows(
            IOException.class, () -> run.gather(plugin(MIB, Map.of(), "/no/such/program")));
    assertTrue(e.getMessage().contains("/no/such/program"), e.getMessage());
    assertTrue(e.getMessage().contains("No such file or directory"), e.getMessage());
  }

  @Test
  void endsACommandThatHangsWhenInterrupted() throws Exception {
    Throwable thrown =
        interruptWhenReady(
            "cd " + directory + "; echo $$ > shell; echo 'm f=1'; touch ready; sleep 1000");
    assertTrue(thrown instanceof InterruptedException, String.valueOf(thrown));
    assertEquals(List.of("m f=1"), run.unstamped());
    awaitDeath("shell");
    awaitNobodyInDirectory();
  }

  @Test
  void findsAProcessWhoseParentIsGone() throws Exception {
    interruptWhenReady(
        "cd " + directory + "; sh -c 'sleep 1000 & echo $! > orphan'; touch ready; sleep 1000");
    awaitDeath("orphan");
    awaitNobodyInDirectory();
  }

  @Test
  void findsProcessesThatAreBornWhileTheCommandIsEnded() throws Exception {
    for (int round = 0; round < 3; round++) {
      Files.deleteIfExists(directory.resolve("ready"));
      interruptWhenReady(
          "cd "
              + directory
              + "; touch ready; i=0;"
              + " while [ $i -lt 200 ]; do sleep 1000 & i=$((i+1)); done; wait");
      awaitNobodyInDirectory();
    }
  }

  @Test
  void killsACommandThatIgnoresTermAndItsDescendants() throws Exception {
    interruptWhenReady(
        "cd "
            + directory
            + "; trap '' TERM; echo $$ > shell;"
            + " sh -c 'echo $$ > child; sh -c \"echo \\$\\$ > grandchild; touch ready; sleep 1000\"; sleep 1000' & wait; sleep 1000");
    awaitDeath("shell");
    awaitDeath("child");
    awaitDeath("grandchild");
    awaitNobodyInDirectory();
  }

  @Test
  void doesNotWaitForAProcessThatLeftTheCommandAndHoldsItsOutput() throws Exception {
    run.gather(
        script(
            "cd "
                + directory
                + "; echo 'm f=1'; sh -c 'echo $$ > orphan; exec sleep 1000' & while [ ! -s orphan ]; do :; done"));
    assertEquals(List.of("m f=1"), run.unstamped());
    long orphan = Long.parseLong(Files.readString(directory.resolve("orphan")).strip());
    ProcessHandle.of(orphan).ifPresent(ProcessHandle::destroyForcibly);
  }

  @Test
  void leavesNoProcessDescriptorOrThreadBehind() throws Exception {
    run.gather(
        script("true")); // the JDK's own thread that waits for processes is there from now on
    long pipes = openPipes();
    for (int i = 0; i < 20; i++) {
      run.gather(script("echo 'm f=1'; echo e >&2"));
      assertThrows(
          IOException.class, () -> run.gather(plugin(1024, Map.of(), "/usr/bin/yes", "m f=1")));
    }
    assertEquals(pipes, openPipes());
    assertEquals(List.of(), ownChildren());
  }
}
