package io.pifleet.linux;

import com.sun.jna.Native;
import java.io.IOException;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Finds the descriptor number of a channel: by the JDK's own accessor where the JVM was started
 * with {@code --add-opens java.base/sun.nio.ch=ALL-UNNAMED}, else by looking through {@code
 * /proc/self/fd} for the TCP socket with the same two addresses. Thread-safe.
 */
final class ChannelDescriptor {
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
  private static final Method ACCESSOR = accessor();

  private ChannelDescriptor() {}

  static int of(SocketChannel channel) throws IOException {
    if (ACCESSOR == null) {
      return bySearch(channel);
    }
    try {
      return (int) ACCESSOR.invoke(channel);
    } catch (IllegalAccessException | IllegalArgumentException e) {
      return bySearch(channel); // a channel that is not the JDK's own
    } catch (InvocationTargetException e) {
      throw new IOException("no descriptor for " + channel, e.getCause());
    }
  }

  /**
   * The search; two system calls per open socket. A connection's two addresses are unique within a
   * network namespace, but a socket that is not connected yet has none to be found by.
   */
  static int bySearch(SocketChannel channel) throws IOException {
    NativeLibraries.requireLibc();
    SocketAddress local = channel.getLocalAddress();
    SocketAddress remote = channel.getRemoteAddress();
    if (local == null || remote == null) {
      throw new IOException(
          "no descriptor for "
              + channel
              + ": a socket that is not connected is found only with"
              + " --add-opens java.base/sun.nio.ch=ALL-UNNAMED");
    }
    int found = -1;
    String foundSocket = "";
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(DESCRIPTORS)) {
      for (Path path : descriptors) {
        String socket = target(path);
        int descriptor = Integer.parseInt(path.getFileName().toString());
        if (!socket.startsWith("socket:")
            || socket.equals(foundSocket) // a duplicate of the same one
            || !isTcp(descriptor)
            || !local.equals(address(descriptor, true))
            || !remote.equals(address(descriptor, false))) {
          continue;
        }
        if (found >= 0) {
          throw new IOException(
              "no descriptor for %s: both %d and %d have its addresses"
                  .formatted(channel, found, descriptor));
        }
        found = descriptor;
        foundSocket = socket;
      }
    }
    if (found < 0) {
      throw new IOException("no descriptor for " + channel + " among those of this process");
    }
    return found;
  }

  private static Method accessor() {
    try {
      Method method = Class.forName("sun.nio.ch.SelChImpl").getMethod("getFDVal");
      method.setAccessible(true);
      return method;
    } catch (ReflectiveOperationException | InaccessibleObjectException e) {
      return null; // not opened, or a JDK without it: the search does
    }
  }

  /** "socket:[inode]", or "" for a descriptor that was closed meanwhile. */
  private static String target(Path descriptor) throws IOException {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  private static boolean isTcp(int descriptor) {
    byte[] type = new byte[Integer.BYTES];
    return LibC.getsockopt(
                descriptor, LibC.SOL_SOCKET, LibC.SO_TYPE, type, new int[] {Integer.BYTES})
            == 0
        && ByteBuffer.wrap(type).order(ByteOrder.nativeOrder()).getInt() == LibC.SOCK_STREAM;
  }

  private static InetSocketAddress address(int descriptor, boolean own) throws IOException {
    byte[] address = new byte[128]; // struct sockaddr_storage
    int[] length = {address.length};
    int result =
        own
            ? LibC.getsockname(descriptor, address, length)
            : LibC.getpeername(descriptor, address, length);
    if (result == -1) {
      int errno = Native.getLastError();
      if (errno == 9 || errno == Errno.ENOTSOCK || errno == 107) {
        return null; // closed meanwhile, taken by something else, or not connected
      }
      throw new NativeCallException(own ? "getsockname" : "getpeername", errno);
    }
    return parse(address);
  }

  /**
   * {@code struct sockaddr_in} (family, port, 4 bytes) or {@code sockaddr_in6} (family, port, flow,
   * 16 bytes); an IPv4 address mapped into IPv6 becomes the IPv4 address, as in the JDK. Null for
   * another family.
   */
  static InetSocketAddress parse(byte[] sockaddr) throws UnknownHostException {
    int family = ByteBuffer.wrap(sockaddr).order(ByteOrder.nativeOrder()).getShort();
    int port = Short.toUnsignedInt(ByteBuffer.wrap(sockaddr).getShort(2));
    return switch (family) {
      case LibC.AF_INET ->
          new InetSocketAddress(InetAddress.getByAddress(Arrays.copyOfRange(sockaddr, 4, 8)), port);
      case LibC.AF_INET6 ->
          new InetSocketAddress(
              InetAddress.getByAddress(Arrays.copyOfRange(sockaddr, 8, 24)), port);
      default -> null;
    };
  }
}
