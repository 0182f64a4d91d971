/** The distribution: the main classes of its nodes. */
package dev.troupe.dist;
