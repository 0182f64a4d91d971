/** Training of several settings side by side: what is compared at rungs, and which go on. */
package dev.troupe.sft.internal.sweep;
