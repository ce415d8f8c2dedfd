// Package recordfile keeps finished records of a long computation in a file, so
// that a call that was killed resumes where it was. A record is a fixed number
// of float64 values, such as one posterior draw.
package recordfile
