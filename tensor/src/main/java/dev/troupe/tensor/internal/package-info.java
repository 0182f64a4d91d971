/** Parts of tensor that other rooms do not see. */
package dev.troupe.tensor.internal;
