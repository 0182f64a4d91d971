/**
 * A recurrent network as a pricing model: an LSTM regression from sequences of market features to
 * one number, trained by AdamW with early stopping (the learned side of arXiv 2504.03175).
 */
package dev.troupe.pricing.lstm;
