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
package measured
