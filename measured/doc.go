// Package measured takes a measurement as a user has it and brings it to the
// form that a problem or a model wants.
//
//	measured.go      files of maps, and the forward model alone
//	cases.go         the choice of one map among several
//	take.go          a map in a grid's unit, on its nodes
//	unit.go          units of length, angle and pressure
//	length.go        lengths as a user writes them
//	map.go           resampling of a map to the grid
//	cover.go         the part of the rectangle that a map covers
//	picture.go       the map over the rectangle, as a picture
//	sketch.go        the same in characters, for a terminal
//	verdict.go       comparison with the measurements of training
//	modelproblem.go  the problem that a model belongs to
//
// Everything that depends on what a user says about a measurement is decided
// here, once, for every verb that takes one.
//
// What a user says by half is refused, and how the rest was read is said
// (Taken.Remarks).
package measured
