// Package quasistatic is the problem of Section 4.1.1 of the paper: find a
// stiff inclusion in a soft square from the vertical displacement under
// compression.
//
// # Physics
//
// A square of 1 × 1 cm, incompressible, in plane stress: ∇·σ = 0 (Eq. 22), σ =
// 2μ(ε + tr(ε) I) (Eq. 21 with the pressure eliminated). u_y = 0 on the bottom,
// u_y = −0.01 cm on the top, and u_x = 0 at the lower left corner; the rest of
// the boundary is free of traction. The default grid has 56 × 56 nodes, with
// linear triangles; see fem.NewPlaneStress, fem.Compression.
//
// # Prior (Table 3)
//
// The center of the inclusion (cx, cy) is uniform on [0.2, 0.8]² cm, and its
// radius is 0.12 cm. μ = 1.5 kPa inside and on the circle, and 0.1 kPa outside,
// set on the nodes: priors.CircularInclusion. Table 3 has mm for the center,
// which would put every inclusion at the corner of the square of 1 cm; the unit
// must be cm.
//
// # Measurement
//
// y is u_y on the nodes, in cm. Noise is Gaussian with a standard deviation of
// σ_η·u_max, truncated at ±3 standard deviations: priors.TruncatedGaussian. σ_η
// is Options.NoisePercent, 5 % by default; the paper uses 2.5, 5 and 10 %.
// u_max is UMax = 0.01 cm, the imposed displacement, which is also the largest
// one. The paper uses the largest displacement of the training set, which is
// the same number; with a constant, the noise is a property of the problem.
//
// # Sources
//
// The paper's text and its Tables 1 to 3. The preset paper has the
// hyperparameters of Tables 1 and 2; the presets tiny and small are our own.
// The forward model is verified against FEniCS.
package quasistatic
