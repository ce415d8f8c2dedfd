// Package duallayer is the problem of Section 4.2.2 of the paper: find the
// stiffness of two layers of a gel, and the height of the interface between
// them. The measurement is ten ultrasound frames of the shear wave that an
// acoustic push on the axis of the gel sends out.
//
// # Physics
//
// A cylinder of radius 5 mm and height 4 mm, axisymmetric without twist, linear
// and isotropic:
//
//	∇·σ + g(t) b = ρ ü,  u = u̇ = 0 at t = 0                 (Eq. 20)
//	σ = 2μ ε(u) + λ (∇·u) I                                 (Eq. 21)
//	μ = E/(2(1+ν)),  λ = Eν/((1+ν)(1−2ν))
//	b = F exp(−r²/(2 l₁²) − (z − s₂)²/(2 l₂²)) e_z          (Eq. 24)
//	g = 1 for t < 200 µs, 0 after
//
// Eq. 20 lacks ρ on the right in print. The minus F of Eq. 24 is negative, so
// the push is upward (function push). In the step that ends the push g is ½,
// which gives the exact impulse (function amplitude). The boundary conditions
// are
//
//	u_r = 0 on the axis,  u = 0 on the bottom,
//	no traction on the top and the side.
//
// F = 5·10⁵ N/m³, l₁ = 0.2 mm, l₂ = 0.6 mm, s₂ = 2.6 mm, ρ = 1000 kg/m³, ν =
// 0.495. Size, boundary conditions, ρ and ν are our own choice; the paper has
// the equations, the push and the window. The elements are bilinear
// quadrilaterals with B-bar, which do not lock at this ν (fem.Axisymmetric).
// Time steps use Newmark's method with average acceleration (fem.Dynamics),
// with one factorization per specimen. A cell that the interface cuts has the
// mean compliance of its two parts, so y is continuous in the height of the
// interface.
//
// Units are mm, ms and kPa, in which the density is in mg/mm³ and no conversion
// factor is needed.
//
// # Prior (Table 9)
//
// Young's moduli of the top and of the bottom layer are uniform on [1, 25] kPa,
// and the height of the interface on [2.0, 3.6] mm: priors.TwoLayers. x is
// Young's modulus on 64 × 64 points of the window r, z ∈ [0, 3.9] mm; a point
// belongs to the bottom layer up to the interface.
//
// # Model error
//
// The specimen of a pair's x differs from the simulated one of its y: each
// modulus is scaled by a factor uniform on [0.8, 1.2], and the interface is
// moved by a distance uniform on [−0.2, 0.2] mm (methods Simulated and Paired).
// θ holds all six variables.
//
// The model error limits the precision of every measurement. y determines the
// simulated specimen nearly exactly: the noise alone leaves standard deviations
// of 0.1 to 2.5 % in its moduli and of 0.002 to 0.1 mm in the interface, the
// largest where the moduli hardly differ (by the Jacobian, Grid 32). So the
// posterior of x is the distribution of the model error about the simulated
// specimen: each modulus is uniform on ±20 % and the interface on ±0.2 mm, with
// standard deviations of 0.2/√3 = 11.5 % and 0.115 mm. The errors in Table 10,
// 4 to 13 % and 0.06 to 0.09 mm, are of this size; a smaller error is chance.
//
// So the exact posterior is a mean over the posterior of the three variables of
// the simulated specimen. Given these, the distribution of x is known in closed
// form (problems.Marginal): bench.Adaptive draws three variables, and
// integrates over the other three. In training the model error is drawn again
// at each use of a pair, and E[x | x + σz, simulated specimen] is the target
// (problems.Averaged, setting data.redraw).
//
// # Measurement
//
// y is u_z in mm at ten times, 0.2, 0.3 … 1.1 ms, on the points of the window.
// Each frame is blurred by a Gaussian of 6 pixels of the 64 × 64 (priors.Blur).
// We take this width as the full width at half maximum, and mirror frames at
// the edges, one of which is the axis. Noise is Gaussian, with a standard
// deviation of 5·10⁻⁵ mm: priors.Gaussian. The noise can also be given in
// percent of UMax, the distance that F moves free matter during the push; the
// default corresponds to 5·10⁻⁵ mm. Blur and model error belong to the
// noise-free y.
//
// # Grids
//
// Grid 64 is the paper's, with a mesh of 64 × 64 cells and steps of 5 µs. Grid
// 32 is for trials, with half the points per side, the same blur in mm, 48 × 48
// cells and steps of 10 µs. Compared with 160 × 160 cells, y differs by 0.5 %
// on Grid 64 and by 1 % on Grid 32 (root mean square, layers of 2 on 24 kPa), a
// tenth of the noise. A pair takes 0.15 s and 0.04 s on one Zen 3 core.
//
// # Sources
//
// The paper's text, Tables 1, 2 and 9 and Eqs. 20, 21 and 24. The forward model
// is verified against quadratic elements of another program.
package duallayer
