// Package spheroid is the problem of Section 4.2.3 of the paper: find the
// stiffness of the cells of a tumor spheroid in a gel from the phase that
// optical coherence microscopy measures under a slight compression.
//
// # Physics
//
// A square of 800 × 800 µm of gel holds the spheroid in its middle part.
// Linear, isotropic, plane strain, ν = 0.49: ∇·σ = 0 (Eq. 22), σ = 2μ ε + λ
// tr(ε) I (Eq. 21), with E the gel's, the cytoplasm's or a nucleus's. u₂ = 0 on
// the bottom, u₂ = the drawn displacement on the top, u₁ = 0 at the lower left
// corner, all else free of traction: fem.PlaneStrain, fem.Compression. The
// window, with what shifted windows see, is a raster of square elements of one
// pixel each (B-bar, which do not lock); triangles that grow outwards fill the
// rest: mesh.Padded. Displacements do not change when all moduli are multiplied
// by one number, so they are solved for E over that of the gel.
//
// The phase difference is Δφ = 4π n_r u₂/λ₀ (Eq. 25), with n_r = 1.4 and λ₀ =
// 0.8 µm, u₂ in the middle of a pixel being the mean of its corners. y is Δφ in
// radians: not wrapped, and without noise.
//
// The tests measure what the mesh leaves open: in pixels of 8 µm the elements
// err by about 0.016 rad and the triangles of the padding, stiff at this ν, by
// 0.02 rad at the edges, of a disturbance by the spheroid of 1.5 rad; cutting
// elements in four takes an error to a quarter. The staircase of the nuclei's
// rims outweighs both on finer grids, 0.02 rad from 4 to 2 µm. The least noise
// is 0.05 rad.
//
// # Field
//
// x = log₁₀(E/E_gel) (Eq. 28) in the middle of each pixel, so 0 in the gel. The
// window is 256 × 256 µm in 256 × 256 pixels. Other grids (32, 64, 128) have
// the same window in larger pixels. Spec.Width runs from the first to the last
// of the points in the middle of pixels: one pixel less than the window.
//
// # Prior (Table 11)
//
// Normal laws truncated at three deviations, in µm from the middle of the
// window and kPa: priors.SpheroidPrior, whose numbers are in prior. The
// spheroid is an ellipse. Nuclei are placed one by one on a raster of 1 µm,
// each at a site that leaves 2 µm to others and to the boundary
// (priors.NucleiPacking), and their power diagram cuts the spheroid into cells
// (priors.PowerCell). The density that the table asks for cannot be had this
// way: discs would have to cover 84 % of the spheroid, and random addition jams
// near 35 % with these gaps. Placement ends when no site is left, at 1,980 ±
// 160 nuclei per mm² (16 in a spheroid) instead of 4,750; Problem.Specimen
// tells how many were reached, and how many were wanted. One modulus for all
// nuclei and one for all cytoplasm of a spheroid is our own reading of the
// table; priors.SpheroidPrior.PerCell is the other one.
//
// # Images
//
// A simulation gives ImagesPerSimulation = 6 pairs, as the paper's: the window,
// the window moved by 20 µm to the left, to the right, up and down, and the
// first of them mirrored left to right. On the grid of 32, whose pixels are 8
// µm, it moves by 16 µm, to stay on the raster. y is a displacement and is
// mirrored as a scalar, since the vertical displacement is even under that
// mirror.
//
// # Measurement
//
// Phase noise, then wrapping to (−π, π] (Eq. 27):
// priors.Sequence{priors.PhaseNoise, priors.Wrap}. The noise is arg(k + n₁ + i
// n₂), whose density is Eq. 26. The paper's calibration of k by depth is not
// public; priors.ConfocalProfile with k₀ = 20 at the focus in the middle of the
// window, a Rayleigh range of 60 µm and an attenuation of 1/mm is our own.
// Depth is counted from the top edge of the window, whichever way that was
// moved. The noise takes no percentage.
//
// A network in the preconditioned form sees the phase unwrapped and less its
// mean (nn.Preconditioned.YPeriod), which takes half the steps to the same
// loss: ARCHITECTURE.md has numbers.
//
// # Sources
//
// The paper's text, its Tables 1, 2 and 11 and Eqs. 21 to 28. Hyper-parameters
// of the preset paper are Tables 1 and 2; those of tiny and small are our own.
package spheroid
