//go:build !faults

package plot

import "compress/zlib"

// deviceScale is the number of device pixels per CSS pixel in PNGs and in
// images inside SVGs.
const deviceScale = 2

// compression is the level of zlib for the PNGs of figures.
const compression = zlib.BestCompression
