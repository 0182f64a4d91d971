/** How configuration is read and a node's log is set up. */
package dev.troupe.cluster.internal;
