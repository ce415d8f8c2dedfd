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
//
// # The question
//
// The tasks have no fields and no mechanics: x is a vector u of 2 to 10
// numbers. They are here because reference draws and figures of many other
// methods are published for them, so that the diffusion model itself can be
// compared, apart from our finite elements.
//
// # The model
//
// Least squares first take the easy part of the posterior away (affine.go):
//
//	r = L⁻¹ (u − mean(y))/scale(y)
//
// and the network learns the posterior of r. Its score is trained by denoising
// as for fields, the paper's Eq. 15. Its draws are mapped back to u and to
// parameters p.
//
// # Judging
//
// C2ST trains a classifier to separate draws of the network from reference
// draws. An exact posterior has the accuracy 0.5. Certified draws are the
// network's draws weighted by the known likelihood, which removes the network's
// error where weights allow it.
//
// # What is checked
//
// TestLikelihoods checks each likelihood against its own simulator by E[∇ ln
// p(y | u)] = 0. TestExact checks closed-form posteriors by uniform ranks.
// TestC2ST compares with the accuracy Φ(δ/2) of the best classifier. TestSolver
// uses the invariant of predators and prey. TestPublishedConstants holds
// NumPy's generator.
package tasks
