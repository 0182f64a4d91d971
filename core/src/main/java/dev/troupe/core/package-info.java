/**
 * What the author of a workload sees: a {@link dev.troupe.core.Workload} is a plain sequential
 * driver that fans out {@link dev.troupe.core.Task}s and starts gangs of {@link
 * dev.troupe.core.GangMember}s through its {@link dev.troupe.core.JobContext}. Nothing here knows
 * of Pekko, gRPC or DJL.
 */
package dev.troupe.core;
