package dev.troupe.sft.internal;

import dev.troupe.tensor.Schedule;

/**
 * The numbers that a training run is made of; the same on every rank.
 *
 * @param steps optimizer steps in all
 * @param batch examples a step, over all ranks
 * @param microBatches what a batch is cut into
 * @param packing whether examples go through the model one behind the other, or padded
 * @param shardOptimizer whether each rank updates a part of the parameters, or all of them
 * @param copyShards whether each part of the optimizer is held by a second rank
 * @param schedule the learning rate of each step
 * @param weightDecay of matrices
 * @param clip limit of the gradient's norm; 0 for none
 * @param seed of the data's order
 * @param context most tokens of an example
 * @param averageDecay of the moving average of weights; 0 for none
 * @param checkpointEvery steps
 */
record TrainingPlan(
    long steps,
    int batch,
    int microBatches,
    boolean packing,
    boolean shardOptimizer,
    boolean copyShards,
    Schedule schedule,
    double weightDecay,
    double clip,
    long seed,
    int context,
    double averageDecay,
    long checkpointEvery) {}
