// Package measured takes a measurement as a user has it and brings it to the form that a problem or a model wants.
//
//	measured.go      reading measurements and fields, and the forward model alone
//	take.go          a measured map in the model's unit, on its grid
//	unit.go          units of lengths and angles
//	map.go           resampling of a map to the grid
//	verdict.go       whether a measurement is like those that a model was trained on
//	modelproblem.go  which problem a model belongs to
//
// Everything that depends on what a user says about a measurement is decided here, once, for every verb that takes one.
package measured
