// Package measured takes a measurement as a user has it and brings it to the
// form that a problem or a model wants.
//
//	measured.go      files of maps, and the forward model alone
//	cases.go         which of several maps is meant
//	take.go          a map in a grid's unit, on its nodes
//	unit.go          units of length, angle and pressure; length.go  lengths as a user writes them
//	map.go           resampling of a map to the grid; cover.go  how much of the rectangle it covers
//	picture.go       the map over the rectangle, for a person to see; sketch.go  the same in characters
//	verdict.go       whether a measurement is like those that a model was trained on
//	modelproblem.go  which problem a model belongs to
//
// Everything that depends on what a user says about a measurement is decided
// here, once, for every verb that takes one.
//
// What a user says by half is refused, and how the rest was read is said
// (Taken.Remarks).
package measured
