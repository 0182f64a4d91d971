package dev.troupe.store.internal.s3;

import dev.troupe.core.StoreException;

/** An answer of the server's that says no. */
final class S3Exception extends StoreException {

  private static final long serialVersionUID = 1L;

  private final int status;

  S3Exception(int status, String message) {
    super(message);
    this.status = status;
  }

  boolean isMissing() {
    return status == 404;
  }

  /** A condition of the request's did not hold. */
  boolean isRefusedByCondition() {
    return status == 412 || status == 409;
  }
}
