/**
 * Blobs under their SHA-256 ({@link dev.troupe.store.Stores}), the checkpoints made of them ({@link
 * dev.troupe.store.Checkpoints}) and the logs of jobs ({@link dev.troupe.store.LogStore}).
 */
package dev.troupe.store;
