// Package specimen makes a problem of a file that describes a specimen and its
// measurement: size, physics, edges, prior, noise. csdm's own finite elements
// are the forward model, so a user with a measured displacement map needs no
// program.
//
// # The forward model
//
// A rectangle deforms slowly in plane stress (incompressible), in plane strain
// or as the cross-section of an axisymmetric solid, or carries a time-harmonic
// shear wave (fem.Helmholtz). x is the modulus on the nodes of a grid, and y
// holds components of the displacement or of the strain, or the two parts of
// the wave, on the same nodes. Strains are differences of displacements, as a
// laboratory computes them from a map. Each edge is free, fixed, moved by a
// given distance, or moved as the edge of the measured map moved. A corner is
// pinned where nothing else stops a rigid motion.
//
// # The prior
//
// The modulus is a background times the factors of a pattern: inclusions,
// layers, a random field, or the two phases of a level set. The background
// varies smoothly: its logarithm is a polynomial of second degree with random
// coefficients. The rim of an inclusion is as wide as a cell of the grid, like
// any transition between two moduli, so that y is a continuous function of the
// variables. x is the modulus, its logarithm, or its logit between two bounds.
// A second field of x may be the density of a wave or Poisson's ratio of a
// solid, with the shapes of the modulus or its own.
//
// θ holds the variables in the order of method Variables. A variable that is
// uniform is its own element of θ. For any other distribution the element is
// the probability of a value that is at most the variable's, which is uniform
// on [0, 1].
//
// # Nuisances
//
// Errors that no field explains belong to the measurement, priors.Correlated:
// shift, ramp, gain, registration, smooth model error, and correlated noise.
// They are drawn again for each use of a pair, and the density has them in
// closed form. So the posterior of x takes them into account without more
// variables.
//
// The error of a measured edge is also one of them. Its effect on y equals the
// effect of a uniform specimen, for which it is linear. The inclusion changes
// the effect by an amount of second order: the error of the edge times the
// contrast.
//
// # Files
//
//	file.go          the file: sections, keys, defaults
//	check.go         the checks of a file
//	distribution.go  distributions of variables
//	prior.go         the prior: variables, properties and backgrounds
//	cells.go         the prior on the cells of the mesh
//	inclusion.go     discs and ellipses
//	layers.go        layers
//	randomfield.go   random fields, and two phases by a threshold of one
//	position.go      the displacement of a map off its place
//	transform.go     the map from the modulus to x
//	edges.go         essential conditions of the four edges
//	physics.go       mesh, elements and forward model
//	errors.go        the distribution of the measurement
//	sensors.go       points that have the only measured values
//	quantity.go      quantities of an inclusion
//	functional.go    quantities that the file defines
//	specimen.go      the problem
//	described.go     files of built-in problems; the settings of a file
//	estimate.go      noise and edges, estimated from a map
//	propose.go       a file for a map
//	write.go         its text
//
// # Equations
//
// With u the displacement, E or μ the modulus and ν Poisson's ratio, a solid
// satisfies Eqs. 21 and 22 of the paper,
//
//	∇·σ = 0,   σ = 2μ ∇ˢu + λ (∇·u) I
//
// where plane stress of an incompressible solid has λ = 2μ in the plane. A wave
// of angular frequency ω = 2πf satisfies Eq. 23,
//
//	−ω² ρ u − ∇·(μ (1 + iαω) ∇u) = 0
//
// The prior of one field at a point s of the specimen is
//
//	m(s) = b · exp(Σ_k c_k P_k(s)) · pattern(s),   x = T(m)
//
// with the background b, five Legendre polynomials P_k with random coefficients
// c_k, the factors of a pattern, and the transform T: none, logarithm or logit.
// The measurement on the nodes is
//
//	y = F(m) + shift, ramps, gain, model error + noise
//
// where only the last term is independent from node to node, and only if its
// correlation length is zero.
//
// # Scale of the modulus
//
// All edges of a solid prescribe displacements or are free of force. The
// equation is linear in the modulus, so that c·m has the same displacements as
// m for any c > 0. A displacement map therefore shows ratios of moduli only,
// and the background is usually a constant of the file. For a wave the same
// holds for modulus and density together; with a known density the modulus
// itself is seen (TestScale).
//
// # What is checked
//
// TestBuiltin describes two problems of the paper by files and finds their
// pairs bit by bit. TestPatch and TestAxisymmetricPatch move all edges as an
// affine displacement, which must hold inside. TestRate, TestCylinder,
// TestStandingWave and TestPlaneWave compare with closed forms and assert the
// order of convergence. TestRandomField sums the modes to the covariance.
// TestQuantiles inverts each distribution. TestRefuses and its relatives check
// that each mistake in a file names its setting.
package specimen
