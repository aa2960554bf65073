package io.pifleet.collector;

import io.pifleet.protocol.archive.Manifest;
import io.pifleet.protocol.transfer.ArchiveSender;
import io.pifleet.protocol.transfer.ArchiveSource;
import io.pifleet.protocol.transfer.Deadlines;
import io.pifleet.protocol.transfer.Outcome;
import io.pifleet.protocol.transfer.PlainConnection;
import io.pifleet.protocol.transfer.SegmentFile;
import io.pifleet.protocol.transfer.SendProgress;
import io.pifleet.protocol.transfer.SenderLimits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.UUID;

/** A device that delivers archives with the real sender. */
public final class TestDevice implements AutoCloseable {
  private final Deadlines deadlines = new Deadlines();
  private final Path directory;
  private final int port;
  private volatile long heldBytes;
  private volatile long sentBytes;

  /**
   * @param directory for the files that are sent from
   * @param port on 127.0.0.1
   */
  public TestDevice(Path directory, int port) {
    this.directory = directory;
    this.port = port;
  }

  /** Offers one archive on a connection of its own. */
  public Outcome deliver(TestArchive archive) throws IOException {
    Path file = Files.createTempFile(directory, "archive", ".tar.zst");
    Files.write(file, archive.bytes());
    try (ArchiveSender sender =
        new ArchiveSender(
            PlainConnection.connect(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                Duration.ofSeconds(5)),
            deadlines,
            SenderLimits.DEFAULT,
            "0.1.0",
            UUID.randomUUID())) {
      return sender.offer(
          new Source(archive, file),
          new SendProgress() {
            @Override
            public void advanced(long held, long granted, long sent) {
              heldBytes = held;
              sentBytes = sent;
            }
          });
    } finally {
      Files.delete(file);
    }
  }

  /** What the collector held already when the last archive was offered. */
  public long heldBytes() {
    return heldBytes;
  }

  public long sentBytes() {
    return sentBytes;
  }

  @Override
  public void close() {
    deadlines.close();
  }

  private record Source(TestArchive archive, Path file) implements ArchiveSource {
    @Override
    public Manifest manifest() {
      return archive.manifest();
    }

    @Override
    public ByteBuffer manifestBytes() {
      return ByteBuffer.wrap(archive.manifestBytes());
    }

    @Override
    public SegmentFile open(int segment) throws IOException {
      FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
      long position = archive.manifest().segments().offsets()[segment];
      return new SegmentFile() {
        @Override
        public FileChannel channel() {
          return channel;
        }

        @Override
        public long positionOfSegment() {
          return position;
        }

        @Override
        public void close() throws IOException {
          channel.close();
        }
      };
    }
  }
}
