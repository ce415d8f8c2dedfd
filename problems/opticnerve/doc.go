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
// [0, 1.75] × [1.75, 3.5] mm, is the last 64 columns and 64 of the rows. In the
// rest of the domain the wave decays before it returns.
//
// Grid 32 uses every second column and row, including the last column and the
// first row. The physics is the same on twice the spacing, and the x of a pair
// equals the x of Grid 64 at the remaining nodes.
//
// # Prior (Tables 6 and 7)
//
// The prior is priors.OpticNerveHead, with 28 dimensions of lamina, sclera,
// prelaminar tissue, retina, nerve and pia, including the rotation, and six
// moduli. priors.AnatomySection gives the tissues at the nodes, and x is their
// modulus, in kPa, in the region. Table 6 has ranges of quantities that depend
// on several variables. The variables are our own interpretation, supported by
// the co-author's code; a test of package priors compares them with the table.
// Table 7 has a variance of 5² for the sclera's modulus, which we read as 50²,
// and supports of (0, 2ς], which we read as twice the mean.
//
// # Measurement
//
// y is u_R and u_I in the region, two channels, in mm, set to zero in the
// background (vitreous body and orbit). This mask belongs to the noise-free y.
// The noise is Gaussian, priors.Gaussian, with a standard deviation of 4 % of
// UMax = 0.02 mm, or Options.NoisePercent of it. The paper uses the largest
// value in its training set instead of UMax. With a constant, the noise is a
// property of the problem, and every pair is a function of its seed and index.
//
// The wave also depends on the tissues outside of the region. So y is not a
// function of x, and generators are not a problems.Forwarder. They are
// problems.Masked: y is a function of the anatomy's variables, and so is the
// mask. The problem is problems.Structured. Generator.Solve computes the wave
// from moduli on the whole mesh.
//
// # Sources
//
// The paper's text and its Tables 1, 2, 6 and 7. The preset paper has the
// hyperparameters of Tables 1 and 2; the presets tiny and small are our own.
// The forward model is verified against FEniCS and against the closed form of a
// homogeneous body.
package opticnerve
