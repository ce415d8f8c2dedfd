// Package models embeds trained score networks and measurements in the binary,
// so that `csdm demo` works offline.
//
// Each network is one safetensors file with the problem, noise schedule,
// normalization and provenance in its metadata. The measurements and their
// exact posteriors come from another program.
//
// A name is builtin:<problem>-<grid>, or builtin:<problem>-<grid>-n<noise>
// where a problem has networks for several noise levels. <noise> is the noise
// in percent without its decimal point.
package models
