package io.pifleet.linux;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;

/**
 * Loads the native libraries, each at first use and independently, so that a missing one fails only
 * what needs it, and fails it with a sentence and not with a {@link LinkageError}.
 *
 * <p>Every entry point of the package calls the check that it needs; a daemon calls {@link
 * #require()} at start to fail early. Thread-safe.
 */
public final class NativeLibraries {
  private NativeLibraries() {}

  /**
   * Everything that a daemon needs: JNA's own library, libc, libzstd.
   *
   * @throws NativeLibraryException naming the library and the package that has it
   */
  public static void require() throws NativeLibraryException {
    requireLibc();
    requireZstd();
  }

  /** What {@link TcpSocket}, {@link ServiceNotifier} and {@link KernelClock} need. */
  public static void requireLibc() throws NativeLibraryException {
    check(LibcHolder.FAILURE);
  }

  /** What {@link ZstdCompressor} and {@link ZstdDecompressor} need. */
  public static void requireZstd() throws NativeLibraryException {
    check(ZstdHolder.FAILURE);
  }

  private static void check(String failure) throws NativeLibraryException {
    if (failure != null) {
      throw new NativeLibraryException(failure);
    }
  }

  // The holders' initializers never throw: a class whose initializer threw answers every later use
  // with a NoClassDefFoundError that names neither the library nor the cause.

  private static final class JnaHolder {
    static final String FAILURE = loadJna();
  }

  private static final class LibcHolder {
    static final String FAILURE = bind(LibC.class, null, "libc6");
  }

  private static final class ZstdHolder {
    static final String FAILURE = bind(LibZstd.class, "libzstd.so.1", "libzstd1");
  }

  private static String loadJna() {
    // Without a value here, JNA forks `ldconfig -p` at start to collect directories; dlopen(3)
    // finds versioned names by itself.
    if (System.getProperty("jna.platform.library.path") == null) {
      System.setProperty("jna.platform.library.path", "");
    }
    try {
      int pointerBytes = Native.POINTER_SIZE; // initializes JNA
      return pointerBytes == 8 || pointerBytes == 4
          ? null
          : "JNA reports pointers of " + pointerBytes + " bytes; wanted 4 or 8";
    } catch (LinkageError e) {
      return "JNA's library libjnidispatch.so cannot be loaded; jna.boot.library.path is "
          + quoted("jna.boot.library.path")
          + ", jna.tmpdir is "
          + quoted("jna.tmpdir")
          + " (a directory mounted noexec will not do): "
          + oneLine(e);
    }
  }

  /**
   * Binds the native methods of {@code binding}.
   *
   * @param library versioned name for dlopen(3), or null for what the process has loaded already,
   *     which is how libc is reached
   * @return null when bound, else the sentence for the user
   */
  static String bind(Class<?> binding, String library, String debianPackage) {
    if (JnaHolder.FAILURE != null) {
      return JnaHolder.FAILURE;
    }
    NativeLibrary loaded;
    try {
      loaded = library == null ? NativeLibrary.getProcess() : NativeLibrary.getInstance(library);
    } catch (LinkageError e) {
      String reason = oneLine(e);
      return reason.contains("No such file or directory")
          ? library + " not found: apt install " + debianPackage
          : library + " cannot be loaded: " + reason;
    }
    try {
      Native.register(binding, loaded);
      return null;
    } catch (LinkageError | IllegalArgumentException e) {
      return (library == null ? "libc" : library)
          + " is not the version that this program knows (Debian package "
          + debianPackage
          + "): "
          + oneLine(e);
    }
  }

  private static String quoted(String property) {
    String value = System.getProperty(property);
    return value == null ? "not set" : '"' + value + '"';
  }

  private static String oneLine(Throwable e) {
    return String.valueOf(e.getMessage()).strip().replaceAll("\\s*\\R\\s*", "; ");
  }
}
