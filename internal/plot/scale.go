//go:build !faults

package plot

// deviceScale is the number of device pixels per CSS pixel in PNGs and in
// images inside SVGs.
const deviceScale = 2

// compression is the level of zlib for the PNGs of figures. Files of the
// highest level, 9, are a tenth smaller and take more than three times as long.
const compression = 6
