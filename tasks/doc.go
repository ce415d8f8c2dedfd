// Package tasks compares posteriors of vectors with reference posteriors: the
// ten tasks of the benchmark of simulation-based inference (Lueckmann, Boelts,
// Greenberg, Gonçalves and Macke 2021). A network of package nn is trained on
// simulations of a task. A classifier then separates its draws from reference
// draws, as the published protocol does.
//
//	task.go       Task: prior, simulator, likelihood
//	gaussian.go   the three tasks with normal distributions
//	moons.go      two moons
//	slcp.go       simple likelihood, complex posterior; with distractors
//	glm.go        a neuron's spikes, raw or summarized
//	ode.go        an epidemic; predators and prey
//	mersenne.go   NumPy's generator, for the published constants
//	cholesky.go   factors of small matrices
//	affine.go     mean and scale of posteriors, by least squares
//	pairs.go      simulations, as the network sees them
//	network.go    training and draws
//	weigh.go      reference draws, and draws certified by the likelihood
//	c2st.go       the classifier two-sample test
//	published.go  the published observations and reference draws
//	study.go      Run: the tasks, in a table
package tasks
