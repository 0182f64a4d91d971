package dev.troupe.cluster;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The keys of {@code troupe.store.s3}, and the bucket that {@code troupe.store.url} names.
 *
 * @param prefix of all keys: empty, or ending in '/'
 * @param endpoint scheme, host and port
 * @param pathStyle whether the bucket is in the path, not in the host's name
 * @param credentialsFile in the form of {@code ~/.aws/credentials}; if absent, the standard
 *     variables of the environment count, then that file
 * @param timeout how long one operation is tried
 */
public record S3Config(
    String bucket,
    String prefix,
    URI endpoint,
    String region,
    boolean pathStyle,
    Optional<Path> credentialsFile,
    Duration timeout) {

  /** A key as it is shown to people. */
  public String show(String key) {
    return "s3://" + bucket + "/" + prefix + key;
  }
}
