//go:build !amd64 && !arm64

package kernel

// On other architectures useVectors is the constant false, and the calls of these are compiled away or never made.

const missing = "kernel: no vector kernels on this architecture"

func convTiles(*convArgs, int)                          { panic(missing) }
func gradTile(*gradArgs, int)                           { panic(missing) }
func peakRounds(int) int                                { panic(missing) }
func normPass(normOp, bool, *normArgs)                  { panic(missing) }
func max5(*poolArgs)                                    { panic(missing) }
func max5Index(*poolArgs)                               { panic(missing) }
func max5Arg(*poolArgs)                                 { panic(missing) }
func sum5(*poolArgs)                                    { panic(missing) }
func sum5Add(*poolArgs)                                 { panic(missing) }
func spread4(*blendArgs)                                { panic(missing) }
func blend4(*blendArgs)                                 { panic(missing) }
func elu32(_, _ *float32, _ int)                        { panic(missing) }
func eluGrad32(_, _, _ *float32, _ int)                 { panic(missing) }
func add32(_, _, _ *float32, _ int)                     { panic(missing) }
func axpy32(_, _ *float32, _ int, _ float32)            { panic(missing) }
func adam32(_, _, _, _, _ *float32, _ int, _ *adamStep) { panic(missing) }
func dot32(_, _ *float32, _ int) float64                { panic(missing) }
func winogradInput(*winogradTiles)                      { panic(missing) }
func winogradGradient(*winogradTiles)                   { panic(missing) }
func winogradOutput(*winogradTiles)                     { panic(missing) }
func winogradFilter(*winogradWeights)                   { panic(missing) }
func winogradFilterGradient(*winogradWeights)           { panic(missing) }
func winogradMultiply(*winogradProduct)                 { panic(missing) }
func winogradOuter(*winogradProduct)                    { panic(missing) }
