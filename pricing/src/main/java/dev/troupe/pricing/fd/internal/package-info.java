/** Meshes, operators, schemes and step conditions of the finite-difference solver. */
package dev.troupe.pricing.fd.internal;
