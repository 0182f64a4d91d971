/**
 * What every Pekko node of a cluster needs, whatever its role: its configuration ({@link
 * dev.troupe.cluster.NodeConfig}), its actor system ({@link dev.troupe.cluster.Nodes}), its metrics
 * ({@link dev.troupe.cluster.Metrics}) and its log ({@link dev.troupe.cluster.NodeLog}).
 */
package dev.troupe.cluster;
