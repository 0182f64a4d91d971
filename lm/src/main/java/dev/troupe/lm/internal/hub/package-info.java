/** Models of the hub: its HTTP API, downloads, and the cache that a host's processes share. */
package dev.troupe.lm.internal.hub;
