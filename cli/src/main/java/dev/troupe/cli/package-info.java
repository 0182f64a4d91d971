/**
 * The {@code troupe} command: a gRPC client of the cluster that starts fast. Commands are in {@code
 * command}, the cluster on this machine ({@code demo}, {@code up}, {@code run --local}) in {@code
 * local}.
 */
package dev.troupe.cli;
