/**
 * What training needs below the model: the engine (DJL over libtorch), script modules, flat
 * parameter buffers with their layout and buckets, AdamW, learning-rate schedules and safetensors.
 *
 * <p>All parameters of a model live in one direct fp32 buffer, described by a {@link
 * dev.troupe.tensor.Layout}; gradients live in a second one of the same layout, which the caller
 * gives (it may be memory shared with other ranks). Arithmetic on whole buffers ({@link
 * dev.troupe.tensor.FlatMath}, {@link dev.troupe.tensor.AdamW}) is plain Java with every operation
 * rounded on its own, so that results do not depend on how a buffer is cut over ranks or threads.
 */
package dev.troupe.tensor;
