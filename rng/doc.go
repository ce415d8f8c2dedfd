// Package rng gives counter-based random streams, keyed by purpose and index.
//
// Every random number in csdm is a function of a seed, a purpose (prior, noise,
// diffusion noise, …) and one or two indices (sample, training step, slot,
// draw). Streams with the same key always give the same numbers, whichever
// worker makes them, in whatever order, and however often a run was
// interrupted. So sample i of a dataset, step k of a training and draw j of a
// posterior can each be reproduced independently.
//
// The generator is Philox4x64-10 (Salmon, Moraes, Dror and Shaw, "Parallel
// random numbers: as easy as 1, 2, 3", SC 2011): a keyed bijection of a 256-bit
// counter. The key is the seed and the purpose; the counter holds the two
// indices and the block number, so no two streams overlap before 2⁶⁴ blocks.
package rng
