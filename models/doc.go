// Package models holds what is embedded in the binary, so that `csdm demo`
// works on a machine without a network: trained score networks (one safetensors
// file each, with the problem, noise schedule, normalization and provenance in
// its metadata) and measurements that this program did not make, with their
// exact posteriors.
//
// The names are builtin:<problem>-<grid>-n<noise in per cent, without the
// point>.
package models
