package dev.troupe.cli.local;

import dev.troupe.cli.internal.CliException;
import dev.troupe.cli.internal.ExitCode;
import dev.troupe.cli.internal.Format;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;

/** Where a local cluster keeps its journal, store and logs; one cluster at a time. */
final class StateDirectory {

  private final Path path;
  private final FileChannel lockFile;

  private StateDirectory(Path path, FileChannel lockFile) {
    this.path = path;
    this.lockFile = lockFile;
  }

  /** Takes the directory, made if it is missing. */
  static StateDirectory lock(Path directory) {
    Path path = directory.toAbsolutePath().normalize();
    try {
      Files.createDirectories(path);
      FileChannel channel =
          FileChannel.open(
              path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!tryLock(channel)) {
        channel.close();
        throw new CliException(
            ExitCode.FAILED,
            path
                + " is in use by another cluster on this machine; end that one, or name another"
                + " folder with --dir");
      }
      return new StateDirectory(path, channel);
    } catch (IOException e) {
      throw new CliException(ExitCode.FAILED, "cannot use " + path + ": " + Format.problem(e), e);
    }
  }

  private static boolean tryLock(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  Path path() {
    return path;
  }

  Path store() {
    return path.resolve("store");
  }

  Path journal() {
    return path.resolve("journal").resolve("troupe");
  }

  Path logs() {
    return path.resolve("logs");
  }

  Path log(String node) {
    return logs().resolve(node + ".log");
  }

  Path readyFile(String node) {
    return path.resolve("run").resolve(node + ".json");
  }

  /** Gives the directory free, and removes it unless {@code keep}. */
  void release(boolean keep) {
    try {
      lockFile.close();
      if (!keep) {
        removeTree(path);
      }
    } catch (IOException e) {
      throw new CliException(ExitCode.FAILED, "cannot tidy up " + path + ": " + e.getMessage(), e);
    }
  }

  private static void removeTree(Path root) throws IOException {
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException error) throws IOException {
            if (error instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw error;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, IOException error)
              throws IOException {
            Files.deleteIfExists(folder);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
