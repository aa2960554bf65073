package io.pifleet.agent.plugin.files;

import io.pifleet.agent.plugin.FileChange;
import io.pifleet.agent.plugin.FileSink;
import io.pifleet.agent.plugin.Gathering;
import io.pifleet.agent.plugin.Plugin;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Offers the files that match its patterns, each when it has been at rest, once per change.
 * Remembers nothing itself: what was taken already is known to the {@link FileSink}, so a restart
 * takes no file twice.
 */
final class FilesPlugin implements Plugin {
  private final List<PathPattern> patterns;
  private final RestWatch rest;

  FilesPlugin(List<PathPattern> patterns, Duration settle) {
    this.patterns = patterns;
    this.rest = new RestWatch(settle.toNanos());
  }

  @Override
  public void gather(Gathering gathering) throws InterruptedException {
    rest.begin(gathering.stampNanos(), System.nanoTime());
    Scan scan = new Scan(gathering);
    for (PathPattern pattern : patterns) {
      new FileWalk(pattern, scan).walk();
    }
    scan.end();
  }

  private final class Scan implements FileWalk.Visitor {
    private final Gathering gathering;
    private final FileSink sink;
    private boolean full;
    private int unreadable;
    private String firstUnreadable = "";
    private boolean complete = true;

    Scan(Gathering gathering) {
      this.gathering = gathering;
      this.sink = gathering.files();
    }

    @Override
    public void file(Path path, long inode, long sizeBytes, long mtimeNanos) {
      FileChange change = new FileChange(gathering.plugin(), path, inode, sizeBytes, mtimeNanos);
      // Asked even when it will not be offered: the sink forgets what it is not asked about.
      if (sink.ask(change) != FileSink.Answer.NEW
          || full
          || !rest.isAtRest(mtimeNanos, System.nanoTime())) {
        return;
      }
      if (Files.isReadable(path)) {
        full = !sink.offer(change);
      } else {
        count(path, "may not be read");
      }
    }

    @Override
    public void unreadable(Path directory, String why) {
      complete = false;
      count(directory, why);
    }

    private void count(Path path, String why) {
      if (unreadable++ == 0) {
        firstUnreadable = path + " " + why;
      }
    }

    void end() {
      if (unreadable > 0) {
        gathering.problem(
            unreadable == 1
                ? firstUnreadable
                : firstUnreadable + ", and " + (unreadable - 1) + " more");
      }
      if (complete) {
        sink.scanned(gathering.plugin());
      }
    }
  }
}
