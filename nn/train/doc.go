// Package train fits a score network to pairs (x, y) by denoising score
// matching.
//
// A step draws a batch of pairs from a Source, disturbs each x by noise of its
// own level σ, asks the network for loss and gradient, and moves the weights by
// Adam, or those of hidden layers by Muon (a Source that is a Stabilizer may
// first put a target of less scatter in the place of x); a running average of
// the weights (EMA) is what is used afterwards. Run does that until the steps
// are done, and leaves in a run folder
//
//	metrics.jsonl                               a line a record: loss, gradient norm, rate, speed; held-out losses
//	checkpoints/checkpoint-000012000.safetensors   all that is needed to go on; the last two are kept
//
// # Going on
//
// Run finds the newest checkpoint by itself. A training that was stopped by its
// context, by its time limit, or by a power failure, and called again, ends
// with the same bytes as one that never stopped: random numbers are functions
// of (seed, step, slot), and a checkpoint holds weights, averages, moments and
// counters exactly. A checkpoint of other settings, of another network or of
// other data is refused, and the refusal names the difference.
//
// # The same bytes for any number of threads
//
// The batch is cut into groups of consecutive samples, whose number is a
// setting. A worker takes a group, and adds the gradients of its samples in
// order; the groups are added in order, too, those that are left in the end
// range of weights by range. No sum depends on who computed what. The bytes do
// depend on the kernel (package internal/kernel): Run notes when a checkpoint
// came from another one.
//
// # What the package does not know
//
// It sees the network through Network and Worker, and the data through Source.
// Loss and parameterization are package nn's, pairs and measurement noise
// package dataset's; signals, progress bars and exit codes are the command's.
// Nothing is printed here.
package train
