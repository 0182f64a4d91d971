package dev.troupe.collective;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Names what must be equal for two processes to share memory: the boot of one kernel, and the file
 * system and folder in which arenas are made. Containers on one machine with a {@code /dev/shm}
 * each so get different ids; network namespaces that share it get equal ones.
 */
public final class HostId {
  private HostId() {}

  /** The id of this process with the default folder, {@code /dev/shm}. */
  public static String local() {
    return local(CollectiveConfig.defaults().shmDir());
  }

  /** The id of this process with arenas in {@code shmDir}. */
  public static String local(Path shmDir) {
    try {
      String boot = Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
      Object device = Files.getAttribute(shmDir, "unix:dev");
      Object inode = Files.getAttribute(shmDir, "unix:ino");
      return boot + "/" + device + "/" + inode;
    } catch (IOException | UnsupportedOperationException e) {
      return unshared(e);
    }
  }

  /** No shared folder, or not Linux: an id that no other process has, so that TCP is used. */
  private static String unshared(Exception why) {
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName();
    } catch (IOException e) {
      why.addSuppressed(e);
      host = "unknown";
    }
    return host + "/" + ProcessHandle.current().pid() + "/" + System.nanoTime();
  }
}
