// Package opticnerve is the problem of Section 4.1.2 of the paper: find the
// shear modulus of the tissues around the human optic nerve head from a
// harmonic shear wave, measured as a complex displacement.
//
// # Physics
//
// The wave obeys −ω²u − ∇·[(μ/ρ)(1 + iαω)∇u] = 0, u = u_R + i u_I (Eq. 23):
// fem.NewHelmholtz. α = 5e-5 s and ρ = 1000 kg/m³; ω = 2π·2500 rad/s, so αω =
// π/4, is not in the paper and comes from a co-author's public code. The domain
// goes from x = −2.667 to 1.75 mm and y from −0.028 to 5.278 mm, on 160 × 192
// nodes (columns × rows) of spacing 1.75/63 mm, each square cut into two linear
// triangles. μ is set on the nodes and linear between them.
//
// u = 0.02 mm on the right side with its corners, which is the axis of the eye,
// and u = 0 on the three others (function boundary). The region of interest,
// [0, 1.75] × [1.75, 3.5] mm, is the last 64 columns and 64 of the rows; the
// rest lets the wave die out before it comes back.
//
// Grid 32 takes every second column and row, the last column and the first row
// among them: the same physics on twice the spacing, and the x of a pair is
// that of Grid 64 at the nodes left over.
//
// # Prior (Tables 6 and 7)
//
// priors.OpticNerveHead: 28 dimensions of lamina, sclera, prelaminar tissue,
// retina, nerve and pia, the rotation among them, and six moduli. The tissues
// at the nodes are those of priors.Section; x is their modulus, in kPa, in the
// region. Table 6 gives ranges that come out of several variables; the
// variables themselves are our reading of it, helped by that code, and a test
// of package priors holds them to the table. Table 7 prints a variance of 5²
// for the sclera's modulus, which is taken for a slip of 50², and supports of
// (0, 2ς], taken for twice the mean.
//
// # Measurement
//
// y is u_R and u_I in the region, two channels, in mm, set to zero where there
// is background (vitreous body and orbit): that mask belongs to the noise-free
// y. The noise is Gaussian, priors.Gaussian, of 4 % of UMax = 0.02 mm, or
// Options.NoisePercent of it. The paper takes the largest value in its training
// set instead; a constant makes the law a property of the problem, and every
// pair a function of its seed and index.
//
// The wave depends on the tissues outside of the region, too, so y is no
// function of x, and generators are no problems.Forwarder: Generator.Simulate
// goes from an anatomy to a pair, and Generator.Solve from moduli on the whole
// mesh to the wave.
//
// # Sources
//
// The paper's text and its Tables 1, 2, 6 and 7. Hyper-parameters of the preset
// paper are Tables 1 and 2; those of tiny and small are our own. The forward
// model is verified against FEniCS and against the closed form of a homogeneous
// body.
package opticnerve
