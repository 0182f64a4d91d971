/** What the nodes' main classes share. */
package dev.troupe.dist.internal;
