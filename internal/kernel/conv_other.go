//go:build !amd64

package kernel

func convTiles(*convArgs, int) { panic("kernel: no tile kernels on this architecture") }
func gradTile(*gradArgs, int)  { panic("kernel: no tile kernels on this architecture") }
func peakRounds(int)           {}
