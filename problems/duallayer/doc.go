// Package duallayer is the problem of Section 4.2.2 of the paper: find the
// stiffness of two layers of a gel, and the height of the interface between
// them, from ten frames of the shear wave that an acoustic push on its axis
// sends out, measured by ultrasound.
//
// # Physics
//
// A cylinder of radius 5 mm and height 4 mm, axisymmetric without twist, linear
// and isotropic:
//
//	∇·σ + g(t) b = ρ ü                                          (Eq. 20, whose print lacks ρ on the right), u = u̇ = 0 at t = 0
//	σ = 2μ ε(u) + λ (∇·u) I, μ = E/(2(1+ν)), λ = Eν/((1+ν)(1−2ν))    (Eq. 21)
//	b = F exp(−r²/(2 l₁²) − (z − s₂)²/(2 l₂²)) e_z                (Eq. 24, whose minus F is negative: the push goes up; function push)
//	g = 1 for t < 200 µs, 0 after                              (function amplitude: ½ in the step that ends it, for the exact impulse)
//
// with u_r = 0 on the axis, u = 0 on the bottom, top and side free of traction.
// F = 5·10⁵ N/m³, l₁ = 0.2 mm, l₂ = 0.6 mm, s₂ = 2.6 mm, ρ = 1000 kg/m³, ν =
// 0.495. Size, boundary conditions, ρ and ν are our own choice; the paper has
// the equations, the push and the window. Bilinear quadrilaterals with B-bar,
// which do not lock at this ν (fem.Axisymmetric), and Newmark's method with
// average acceleration (fem.Dynamics), one factorization a specimen. A cell
// that the interface cuts has the mean compliance of its two parts, so that y
// is continuous in the height of the interface.
//
// Units are mm, ms and kPa, in which the density is in mg/mm³ and no factor is
// left.
//
// # Prior (Table 9)
//
// Young's moduli of the top and of the bottom layer uniform on [1, 25] kPa, the
// height of the interface on [2.0, 3.6] mm: priors.TwoLayers. x is Young's
// modulus on 64 × 64 points of the window r, z ∈ [0, 3.9] mm; a point belongs
// to the bottom layer up to the interface.
//
// # Model error
//
// The specimen of a pair's x is not the one its y comes of: each modulus is
// scaled by a factor uniform on [0.8, 1.2] and the interface moved by a
// distance uniform on [−0.2, 0.2] mm (methods Simulated and Paired). θ holds
// all six variables.
//
// No measurement is therefore precise. y tells the simulated specimen nearly
// exactly: the noise alone leaves standard deviations of 0.1 to 2.5 % in its
// moduli and of 0.002 to 0.1 mm in the interface, most where the moduli hardly
// differ (by the Jacobian, Grid 32). The posterior of x is then what the model
// error leaves open, each modulus uniform on ±20 % and the interface on ±0.2 mm
// about the simulated ones, with standard deviations of 0.2/√3 = 11.5 % and
// 0.115 mm. Table 10's errors, 4 to 13 % and 0.06 to 0.09 mm, are of this size,
// and a smaller error than this is chance.
//
// # Measurement
//
// y is u_z in mm at ten times, 0.2, 0.3 … 1.1 ms, on the points of the window,
// blurred in each frame by a Gaussian of 6 pixels of the 64 × 64 (priors.Blur),
// "width" taken as full width at half maximum, mirrored at the edges, of which
// one is the axis. Noise is Gaussian, of 5·10⁻⁵ mm: priors.Gaussian. It can
// also be given in percent of UMax, the way F would take free matter during the
// push; the default is what makes 5·10⁻⁵ mm. Blur and model error belong to the
// noise-free y.
//
// # Grids
//
// Grid 64 is the paper's, with a mesh of 64 × 64 cells and steps of 5 µs. Grid
// 32 is for trials, with half the points a side, the same blur in mm, 48 × 48
// cells and steps of 10 µs. Against 160 × 160 cells, y differs by 0.5 % and by
// 1 % (root mean square, layers of 2 on 24 kPa), a tenth of the noise. A pair
// takes 0.15 s and 0.04 s on one Zen 3 core.
//
// # Sources
//
// The paper's text, Tables 1, 2 and 9 and Eqs. 20, 21 and 24. The forward model
// is verified against quadratic elements of another program.
package duallayer
