/**
 * The control protocol between coordinators and workers.
 *
 * <p>A worker is not a member of the Pekko cluster, which the coordinators alone form: it speaks to
 * the {@code gateway} actor ({@link dev.troupe.cluster.protocol.Gateway}) of one coordinator over
 * Artery, and to another one when that falls silent. So the coming and going of workers never waits
 * for, nor disturbs, the cluster's membership (docs/decisions.md).
 *
 * <p>Delivery: what must not be lost travels in a {@link
 * dev.troupe.cluster.protocol.FromWorker.Envelope}, kept and sent again by the worker until the job
 * entity has journaled it. Everything an entity sends to a worker can be sent again without harm,
 * and an entity that was restarted learns from {@link dev.troupe.cluster.protocol.FromWorker.Hello}
 * what still runs.
 *
 * <p>Messages stay below {@link dev.troupe.cluster.protocol.Limits#MAX_MESSAGE_BYTES}: Artery drops
 * larger frames with no more than a log line.
 */
package dev.troupe.cluster.protocol;
