// Package train fits a score network to pairs (x, y) by denoising score
// matching.
//
// A step draws a batch of pairs from a Source, adds noise of a separate level σ
// to each x, computes loss and gradient with the network, and moves the weights
// by Adam, or the weights of hidden layers by Muon. A Source that is a
// Stabilizer may first replace x by a target of less scatter. The result of a
// training is a running average of the weights (EMA). Run makes the steps, and
// writes to a run folder
//
//	metrics.jsonl
//	checkpoints/checkpoint-000012000.safetensors
//
// The metrics hold one record per line: loss, gradient norm, rate and speed, or
// held-out losses. A checkpoint holds everything needed to resume; the last two
// are kept.
//
// # Resuming
//
// Run finds the newest checkpoint by itself. A training may be stopped by its
// context, by its time limit, or by a power failure. When it is called again,
// it ends with the same bytes as a training that never stopped: random numbers
// are functions of (seed, step, slot), and a checkpoint holds weights,
// averages, moments and counters exactly. Run refuses a checkpoint of other
// settings, of another network or of other data with an error that names the
// difference.
//
// # Identical results for any number of threads
//
// A worker takes a sample of the batch, computes its gradient alone, and takes
// the next. Where there are more threads than samples, several share a
// gradient, and all threads draw the samples of some steps at a time
// (ahead.go). The gradients are added in a binary tree over the indices of the
// samples, whose shape depends on the size of the batch alone (gradients.go).
// So no sum depends on which thread computed which part. The results do depend
// on the kernel (package internal/kernel) and on the tree; Run writes a note
// when another kernel made the checkpoint, or a version with another order.
//
// # Boundaries
//
// The package uses the network through Network and Worker, and the data through
// Source. Package nn defines loss and parameterization, package dataset defines
// pairs and measurement noise, and the command handles signals, progress bars
// and exit codes. Package train prints nothing.
package train
