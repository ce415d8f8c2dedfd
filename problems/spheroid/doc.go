// Package spheroid is the problem of Section 4.2.3 of the paper: find the
// stiffness of the cells of a tumor spheroid in a gel from the phase that
// optical coherence microscopy measures under a slight compression.
//
// # Physics
//
// A square of 800 × 800 µm of gel holds the spheroid in its middle part. The
// material is linear and isotropic, in plane strain with ν = 0.49: ∇·σ = 0 (Eq.
// 22), σ = 2μ ε + λ tr(ε) I (Eq. 21), where E belongs to the gel, the cytoplasm
// or a nucleus. u₂ = 0 on the bottom, u₂ is the drawn displacement on the top,
// and u₁ = 0 at the lower left corner; the rest of the boundary is free of
// traction: fem.PlaneStrain, fem.Compression. The window, extended by the
// shifts of the shifted windows, is a raster of square elements of one pixel
// each (with B-bar, which do not lock). Triangles that grow outwards fill the
// rest: mesh.Padded. Displacements do not change when all moduli are multiplied
// by one number, so the model uses E divided by the E of the gel.
//
// The phase difference is Δφ = 4π n_r u₂/λ₀ (Eq. 25), with n_r = 1.4 and λ₀ =
// 0.8 µm. u₂ in the middle of a pixel is the mean of its corners. y is Δφ in
// radians, neither wrapped nor noisy.
//
// The tests measure the error of the mesh, compared with a disturbance by the
// spheroid of 1.5 rad. In pixels of 8 µm the error of the elements is about
// 0.016 rad, and dividing each element into four reduces it to a quarter. The
// triangles of the padding, which are stiff at this ν, cause an error of 0.02
// rad at the edges. On finer grids the staircase of the nuclei's rims causes a
// larger error than both, 0.02 rad from 4 to 2 µm. The smallest noise is 0.05
// rad.
//
// # Field
//
// x = log₁₀(E/E_gel) (Eq. 28) in the middle of each pixel, so 0 in the gel. The
// window is 256 × 256 µm in 256 × 256 pixels. Other grids (32, 64, 128) have
// the same window in larger pixels. Spec.Width is the distance between the
// middles of the first and the last pixel: one pixel less than the window.
//
// # Prior (Table 11)
//
// The distributions are normal and truncated at three deviations, in µm from
// the middle of the window and kPa: priors.SpheroidPrior, with the numbers of
// function prior. The spheroid is an ellipse. Nuclei are placed one by one on a
// raster of 1 µm, each at a site with a gap of 2 µm to other nuclei and to the
// boundary (priors.NucleiPacking). Their power diagram divides the spheroid
// into cells (priors.PowerCell). The density of the table cannot be reached in
// this way: discs would have to cover 84 % of the spheroid, and random addition
// with these gaps stops near 35 %. Placement ends when no site is left, at
// 1,980 ± 160 nuclei per mm² (16 in a spheroid) instead of 4,750;
// Problem.Specimen has the number that was reached and the number that was
// wanted. One modulus for all nuclei and one for all cytoplasm of a spheroid is
// our own interpretation of the table; priors.SpheroidPrior.PerCell is the
// alternative.
//
// # Images
//
// As in the paper, a simulation gives ImagesPerSimulation = 6 pairs: the
// window, the window moved by 20 µm to the left, to the right, up and down, and
// the first image mirrored left to right. On the grid of 32, whose pixels are 8
// µm, the window moves by 16 µm, to stay on the raster. y is mirrored as a
// scalar, since the vertical displacement is even under this mirror.
//
// # Measurement
//
// Phase noise, then wrapping to (−π, π] (Eq. 27):
// priors.Sequence{priors.PhaseNoise, priors.Wrap}. The noise is arg(k + n₁ + i
// n₂), whose density is Eq. 26. The paper's calibration of k by depth is not
// public. Ours is priors.ConfocalProfile with k₀ = 20 at the focus in the
// middle of the window, a Rayleigh range of 60 µm and an attenuation of 1/mm.
// Depth is counted from the top edge of the window, also for moved windows. The
// noise cannot be given in percent.
//
// A preconditioned network sees the unwrapped phase minus its mean
// (nn.Preconditioned.YPeriod), which halves the number of steps to the same
// loss.
//
// # Sources
//
// The paper's text, its Tables 1, 2 and 11 and Eqs. 21 to 28. The preset paper
// has the hyperparameters of Tables 1 and 2; the presets tiny and small are our
// own.
package spheroid
