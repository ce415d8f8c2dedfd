// Package phantom is the problem of Section 4.2.1 of the paper: find position,
// size and stiffness of an inclusion in a tissue-mimicking gel from the
// vertical displacement under compression, measured by ultrasound.
//
// # Physics
//
// That of package quasistatic, on a rectangle 26.297 mm wide and 34.608 mm
// high: ∇·σ = 0 (Eq. 22), σ = 2μ(ε + tr(ε) I) (Eq. 21). Both plates move up:
// u_y = 0.392 mm on the bottom and 0.084 mm on the top, 0.89 % of compression;
// u_x = 0 at the lower left corner, all else free of traction. 56 × 56 nodes by
// default.
//
// # Prior (Table 8)
//
// Centre of the inclusion uniform on [7.1, 19.2] mm from the left and [7.1,
// 27.5] mm from the bottom, radius uniform on [3.5, 7.0] mm, ratio of its
// modulus to the background's uniform on [1, 8], background 4.7 kPa:
// priors.CircularInclusion. Table 8 is a picture that the text does not repeat;
// these limits agree with the work it cites and are our own choice until a
// better source turns up.
//
// # Measurement
//
// y is u_y on the nodes, in mm, with Gaussian noise of 0.001 mm:
// priors.Gaussian. The noise can also be given in percent of UMax = 0.392 mm;
// the default is what makes 0.001 mm.
//
// # Posterior
//
// The prior has four variables, and a measurement tells them so precisely that
// quadrature meets its limits and prior draws find the posterior by chance
// alone. bench.Adaptive computes it, by importance sampling whose proposal
// closes in on it, with standard errors; a run takes that as reference unless
// told otherwise.
//
// # Sources
//
// The paper's text and its Tables 1 and 2. Table 1 has 10,000 pairs, the text
// 8,000; the preset paper follows the table. The forward model is verified
// against FEniCS.
package phantom
