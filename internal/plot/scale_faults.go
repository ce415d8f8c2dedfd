//go:build faults

package plot

import "compress/zlib"

// Where disks fail on purpose, calls are made thousands of times and nobody
// looks at the figures. They are coarse and cheap, as many as otherwise.
const (
	deviceScale = 1
	compression = zlib.BestSpeed
)
