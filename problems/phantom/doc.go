// Package phantom is the problem of Section 4.2.1 of the paper: find position,
// size and stiffness of an inclusion in a tissue-mimicking gel from the
// vertical displacement under compression, measured by ultrasound.
//
// # Physics
//
// The physics is the same as in package quasistatic, on a rectangle 26.297 mm
// wide and 34.608 mm high: ∇·σ = 0 (Eq. 22), σ = 2μ(ε + tr(ε) I) (Eq. 21). Both
// plates move up: u_y = 0.392 mm on the bottom and 0.084 mm on the top, a
// compression of 0.89 %. u_x = 0 at the lower left corner, and the rest of the
// boundary is free of traction. The default grid has 56 × 56 nodes.
//
// # Prior (Table 8)
//
// The center of the inclusion is uniform on [7.1, 19.2] mm from the left and
// [7.1, 27.5] mm from the bottom. Its radius is uniform on [3.5, 7.0] mm, and
// the ratio of its modulus to the background's is uniform on [1, 8]. The
// background has 4.7 kPa: priors.CircularInclusion. Table 8 is only a picture.
// These limits agree with the work that it cites, and are our own choice.
//
// # Measurement
//
// y is u_y on the nodes, in mm, with Gaussian noise of 0.001 mm:
// priors.Gaussian. The noise can also be given in percent of UMax = 0.392 mm;
// the default corresponds to 0.001 mm.
//
// # Posterior
//
// The prior has four variables, and a measurement determines them so precisely
// that quadrature reaches its limits, and prior draws hit the posterior only by
// chance. bench.Adaptive computes the posterior by importance sampling with an
// adaptive proposal, with standard errors. It is the default reference of a
// run.
//
// # Sources
//
// The paper's text and its Tables 1 and 2. Table 1 has 10,000 pairs, the text
// 8,000; the preset paper follows the table. The forward model is verified
// against FEniCS.
package phantom
