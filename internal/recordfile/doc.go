// Package recordfile keeps the finished records of a long computation in a
// file, so that a killed call can resume. A record is a fixed number of float64
// values, such as one posterior draw.
package recordfile
