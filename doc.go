// Package csdm is the root of an engine for conditional score-based diffusion
// models that solve inverse problems in mechanics, after Dasgupta, Ramaswamy,
// Murgoitio-Esandi, Foo, Li, Zhou, Kennedy and Oberai, "Conditional score-based
// diffusion models for solving inverse problems in mechanics".
//
// The root package holds no code except the text of some source files, which
// the lab shows (sources.go). The rooms below it follow the flow of data,
// one way:
//
//	prior draw x → forward model → noise-free y → dataset → score matching
//	→ network → sampler + measurement → draws → mean, std, functionals →
//	report
//
// The same measurement also goes through an exact or Monte Carlo posterior to a
// comparison. ARCHITECTURE.md is the map; the program is csdm/cmd/csdm.
package csdm
