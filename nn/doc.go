// Package nn implements the conditional score network: its architecture, its
// parameterization as a score, its loss and its files.
//
// # The network
//
// F(x̃, y) is the smallest RefineNet of NCSNv2 (Song and Ermon 2020, "Improved
// techniques for training score-based generative models"), conditioned by
// concatenating the noisy field x̃ with the measurement y. All of it is in
// refinenet.go: a function from the input tensor to the output tensor. The
// layers have the names of the public state dict, so weights can be exchanged
// with PyTorch. Arch sets the size and the variant; Net holds the parameters.
//
// # From network to score
//
// A Parameterization defines how F gives the score s = ∇ log p_σ(x̃ | y) and
// the denoiser D = E[x | x̃, y] = x̃ + σ²s, and the training target of F. Paper
// is s = F/σ. Preconditioned keeps the inputs and the targets of the network at
// unit size for any σ (Karras et al. 2022).
//
// # Work
//
// A Worker runs a tape over a shared Net, in one goroutine: loss and gradient
// of one sample. A Model is a trained network with everything needed to use it,
// and is stored in one file. Model.Condition fixes a measurement and returns
// Scorers, for samplers that do not depend on networks.
//
// # Threads
//
// Samples are the unit of parallelism: a worker takes one sample through the
// whole network without waiting for other workers, and its activations stay in
// the cache of its core. Where there are fewer samples than cores,
// Scorer.SetThreads shares the operations of one sample: convolutions by tiles
// of their output; norms, pools and changes of size by bands of rows;
// elementwise operations by ranges. The threads synchronize between two
// operations, and do not wait for a thread that has no processor to run on. The
// results are bit-identical to one thread.
//
// A scorer of a small network stays on one thread.
// docs/decisions/007-samples-as-unit-of-parallelism.md has the measurements.
//
// # Measurements with gaps
//
// A value of a measurement that is missing is NaN. A network with Arch.Masked
// sees 0 in its place, which is the mean of the value, and one channel that
// marks where all channels were measured. One such network takes a measurement
// with any gaps if it was trained on measurements with random ones.
//
// Fields are row-major planes x[r*cols+c] and measurements are planes
// y[(ch*rows+r)*cols+c], both in normalized units. The tapes convert them to
// channels-last.
package nn
