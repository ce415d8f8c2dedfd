// Package measured reads a measurement in the form that a user has and brings
// it to the form that a problem or a model expects.
//
//	measured.go      files of maps, and the forward model alone
//	cases.go         the choice of one map among several
//	take.go          a map in a grid's unit, on its nodes
//	unit.go          units of length, angle and pressure
//	length.go        lengths as a user writes them
//	size.go          the size of a map
//	map.go           resampling of a map to the grid
//	gaps.go          the same for a map with missing samples
//	sensors.go       a table of the values of sensors
//	cover.go         the part of the rectangle that a map covers
//	picture.go       the map over the rectangle, as a picture
//	sketch.go        the same in characters, for a terminal
//	verdict.go       comparison with the measurements of training
//	signal.go        the places that stand out of the noise
//	outlier.go       values that their neighbors do not support
//	edge.go          edges of a shifted map that were filled
//	modelproblem.go  the problem that a model belongs to
//
// Every decision that depends on a user's description of a measurement is made
// here, once, for all verbs that take a measurement.
//
// An incomplete description is refused. Taken.Remarks states how each part of
// the description was read.
//
// # From a file to y
//
// The paper assumes that the measurement ŷ lies on the grid on which the
// network was trained. A laboratory's map lies on a grid of its own, in a unit
// of its own, perhaps with row 0 at the top and with gaps. The steps from one
// to the other are
//
//	file ── Open ──▶ samples (C, H, W)
//	  ── unit, rows, place ──▶ samples at positions in the rectangle
//	  ── Resample ──▶ values at the nodes, NaN where nothing was measured
//	  ── Judge ──▶ Likeness: is this like the measurements of training?
//
// A step that is wrong by a factor or a mirror gives a posterior that looks as
// certain as a right one. For this reason units are never guessed, a map is
// drawn over the specimen (Picture, Sketch), and the result is compared with
// measurements of training.
//
// # Resampling
//
// With samples v_j at t_j around a node and the length ω_j of pixel j within
// the node's cell, the value of the node is the intercept a of the weighted
// line
//
//	min Σ_j ω_j (v_j − a − b t_j)²
//
// which reproduces linear functions, also at the border, and averages the noise
// of a finer map. Between samples that are farther apart than nodes it
// interpolates.
//
// # Noise
//
// NoiseStd estimates the noise of a map by second differences, which smooth
// displacements do not have. Distances of outliers and of filled edges are in
// units of this estimate, so that the same limits serve all problems.
//
// # What is checked
//
// TestResampleIsExactForLinearMaps and TestResampleAverages fix the resampling
// from both sides: exactness for linear maps, plain means for fine ones.
// TestTake, TestSpellings and TestForms read one map in many forms, with one
// result. TestFilledEdge compares with a residual in closed form.
// TestWaveMistakes counts which mistakes of a user are found; its rows are
// docs/reference/mistakes.md.
package measured
