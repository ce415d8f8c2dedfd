// Package mirror is a problem whose posteriors have two modes of known weights:
// find a stiff inclusion in a specimen from a measurement that is the same for
// the specimen and its mirror image. It is not in the paper. It tests whether a
// method finds both modes and weighs them.
//
// # Physics
//
// A square of 1 × 1 cm is compressed as in package quasistatic. Each rectangle
// of the grid is cut by both diagonals, so that the mesh is its own mirror
// image. The gauges at a node and at its mirror image are wired as a pair: y at
// a node is the mean of u_y there and at its mirror image.
//
// # Prior
//
// The inclusion has a radius of 0.12 cm and 15 times the modulus of the rest,
// 0.1 kPa. Its center is 0.2 to 0.35 cm from one side, and 0.2 to 0.8 cm from
// the bottom. The side is the left one with a probability w. A field with the
// inclusion on the right is the mirror image of a field with it on the left. w
// is 1/2 in the problem mirror, and 1/4 in the problem mirror-uneven.
//
// The variables are uniform: the place along both sides, from 0 to 1, and the
// height. Places up to w are on the left.
//
// # Posterior
//
// The likelihood of a field equals the likelihood of its mirror image, whatever
// the measurement is. So each posterior is the mixture of a posterior of fields
// with the inclusion on the left, with weight w, and its mirror image, with
// weight 1 − w.
//
// # Measurement
//
// The noise is independent at each node, and normal with a standard deviation
// of Options.NoisePercent of the imposed displacement, 5 % by default.
package mirror
