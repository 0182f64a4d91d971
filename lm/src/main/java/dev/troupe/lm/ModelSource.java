package dev.troupe.lm;

import java.nio.file.Path;
import java.util.regex.Pattern;

/** Where a model comes from, as users write it: a folder, or {@code hf:ORG/NAME[@revision]}. */
public sealed interface ModelSource {

  /** What names of the hub begin with. */
  String HUB_PREFIX = "hf:";

  /** A Hugging Face folder that this host can read. */
  record Folder(Path path) implements ModelSource {
    @Override
    public String toString() {
      return path.toString();
    }
  }

  /**
   * A repository of the hub.
   *
   * @param repository {@code ORG/NAME}
   * @param revision a branch, a tag or a commit
   */
  record Hub(String repository, String revision) implements ModelSource {

    private static final String DEFAULT_REVISION = "main";

    /** Neither part can climb out of a folder: both begin with a letter or a digit. */
    private static final Pattern REPOSITORY =
        Pattern.compile("[A-Za-z0-9][\\w.-]{0,95}/[A-Za-z0-9][\\w.-]{0,95}");

    private static final Pattern REVISION = Pattern.compile("[A-Za-z0-9][\\w./-]{0,199}");
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

    public Hub {
      if (!REPOSITORY.matcher(repository).matches()
          || !REVISION.matcher(revision).matches()
          || revision.contains("..")) {
        throw new IllegalArgumentException(
            "%s%s@%s (expected: hf:ORG/NAME or hf:ORG/NAME@REVISION, of letters, digits, . _ and -)"
                .formatted(HUB_PREFIX, repository, revision));
      }
    }

    static Hub parse(String name) {
      int at = name.indexOf('@');
      return at < 0
          ? new Hub(name, DEFAULT_REVISION)
          : new Hub(name.substring(0, at), name.substring(at + 1));
    }

    /** Whether the revision is a commit, whose files never change. */
    public boolean pinned() {
      return COMMIT.matcher(revision).matches();
    }

    /** The same repository at another revision. */
    public Hub at(String otherRevision) {
      return new Hub(repository, otherRevision);
    }

    @Override
    public String toString() {
      return HUB_PREFIX + repository + "@" + revision;
    }
  }

  /**
   * Reads what a user wrote; nothing is looked up.
   *
   * @throws IllegalArgumentException if it begins with {@code hf:} and is no name of a repository
   */
  static ModelSource parse(String text) {
    return text.startsWith(HUB_PREFIX)
        ? Hub.parse(text.substring(HUB_PREFIX.length()))
        : new Folder(Path.of(text));
  }
}
