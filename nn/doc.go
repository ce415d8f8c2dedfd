// Package nn is the conditional score network: its architecture, what turns it
// into a score, its loss and its files.
//
// # The network
//
// F(x̃, y) is the smallest RefineNet of NCSNv2 (Song and Ermon 2020, "Improved
// techniques for training score-based generative models"), conditioned by
// concatenating the noisy field x̃ with the measurement y. refinenet.go is the
// whole of it: a function from the input tensor to the output tensor, in which
// layers have the names of the public state dict, so that weights travel to and
// from PyTorch. Arch chooses its size and its variant; Net holds the
// parameters.
//
// # From network to score
//
// A Parameterization says how F gives the score s = ∇ log p_σ(x̃ | y) and the
// denoiser D = E[x | x̃, y] = x̃ + σ²s, and what its training target is. Paper
// is s = F/σ; Preconditioned keeps all that the network sees and all that it
// must produce of unit size at any σ (Karras et al. 2022).
//
// # Work
//
// A Worker is one goroutine's tape over a shared Net: loss and gradient of one
// sample. A Model is a trained network with all that is needed to use it
// elsewhere, and one file. Model.Condition fixes a measurement and hands out
// Scorers, for samplers that know nothing of networks.
//
// # Threads
//
// Samples are the unit of parallelism: a worker takes one through the whole
// network without waiting for anybody, and its activations stay in its core's
// cache. Where there are fewer samples than cores, Scorer.SetThreads shares the
// operations of one sample: convolutions by tiles of their output, norms, pools
// and changes of size by bands of rows, elementwise operations by ranges, all
// meeting between two operations; a core without a processor to run on is not
// waited for. The bits are those of one thread. With only convolutions and
// elementwise operations shared, on two cores (Zen 3, AVX2, machine not idle),
// a score of ngf 32 at 56×56 took 9.7 to 13.4 ms in place of 17.5; with ngf 16
// at 28×28 it gained nothing, for operations take 20 µs: there a scorer stays
// with one thread. Two chains on two cores are better: they scale by 2. Running
// independent branches at once was not taken: the longest path through the
// network, down the encoder and up the decoder, has five sixths of the work.
//
// Fields are row-major planes x[r*cols+c], measurements planes
// y[(ch*rows+r)*cols+c], both in normalized units: the tapes below turn them to
// channels-last.
package nn
