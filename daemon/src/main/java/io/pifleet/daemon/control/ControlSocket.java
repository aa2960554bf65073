package io.pifleet.daemon.control;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;

/** The file that the control socket is bound to. */
final class ControlSocket {
  /** sun_path of unix(7) has 108 bytes, the last one for the terminator. */
  private static final int MAX_PATH_BYTES = 107;

  private static final int BACKLOG = 16;

  private ControlSocket() {}

  /** Non-blocking, mode 0660, in place of the file that a dead daemon left. */
  static ServerSocketChannel bind(Path socket, String daemon) throws IOException {
    checkLength(socket);
    makeRoom(socket, daemon);
    ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.bind(UnixDomainSocketAddress.of(socket), BACKLOG);
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw----"));
      channel.configureBlocking(false);
      return channel;
    } catch (IOException e) {
      channel.close();
      throw new IOException("cannot listen on " + socket + ": " + e.getMessage(), e);
    }
  }

  static void checkLength(Path socket) throws IOException {
    int bytes = socket.toString().getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MAX_PATH_BYTES) {
      throw new IOException(
          socket
              + " is too long for a socket: "
              + bytes
              + " bytes, the kernel takes "
              + MAX_PATH_BYTES
              + "; set runtime-dir to a shorter one");
    }
  }

  private static void makeRoom(Path socket, String daemon) throws IOException {
    if (!Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    boolean isSocket =
        Files.readAttributes(socket, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
            .isOther();
    if (!isSocket) {
      throw new IOException(socket + " is in the way: it is not a socket");
    }
    if (isListenedTo(socket)) {
      throw new IOException("another " + daemon + " runs already: it listens on " + socket);
    }
    Files.deleteIfExists(socket); // the file outlived its daemon
  }

  private static boolean isListenedTo(Path socket) throws IOException {
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      probe.configureBlocking(false);
      probe.connect(UnixDomainSocketAddress.of(socket));
      return true;
    } catch (ConnectException refused) {
      return false;
    } catch (SocketException e) {
      if (isBacklogFull(e)) {
        return true;
      }
      throw new IOException(socket + " is in the way: " + e.getMessage(), e);
    }
  }

  /** EAGAIN of a non-blocking connect, unix(7): somebody listens, but does not accept. */
  static boolean isBacklogFull(IOException failure) {
    return "Resource temporarily unavailable".equals(failure.getMessage());
  }
}
