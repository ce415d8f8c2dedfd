// Package env describes the surroundings of a computation: the call that
// started it, its number of threads, and where it reports progress. No result
// depends on them.
package env
