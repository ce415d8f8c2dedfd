// Package lineargaussian is a problem whose posterior has a closed form: find a
// smooth random field from a blurred measurement with noise. It is not in the
// paper. It tests networks, samplers and Monte Carlo on a whole field, with
// many variables and without a reference that has an error of its own.
//
// # Prior
//
// On the unit square, x = Σ w_k w_l z_kl f_k(s) f_l(t) with independent
// standard normal z. The functions are 1, cos πs, sin πs, …, cos 5πs, sin 5πs,
// so that the covariance depends on distances alone. The weights fall with
// frequency as the spectrum of a Matérn field of smoothness 2 (Matérn 1960;
// Whittle 1954), and each value of x has a standard deviation of 1. There are
// 121 variables.
//
// # Measurement
//
// y = A x + noise. A is the weighted mean with a Gaussian kernel of standard
// deviation 0.06 along rows and columns, with weights that sum to 1 at each
// node. The noise is independent and normal, with a standard deviation of
// Options.NoisePercent of 1, 10 % by default.
//
// # Posterior
//
// With B the map from z to A x, and noise s, z given y is normal with precision
// P = I + BᵀB/s² and mean P⁻¹Bᵀy/s² (Bishop 2006, Eqs. 2.113–2.117). A and the
// functions are products over rows and columns, so BᵀB is a Kronecker product
// of two 11×11 matrices, scaled by the weights.
//
//	lineargaussian.go  the problem: prior, forward model, noise
//	posterior.go       the closed form
package lineargaussian
