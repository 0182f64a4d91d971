/** Parts of lm that other rooms do not see. */
package dev.troupe.lm.internal;
