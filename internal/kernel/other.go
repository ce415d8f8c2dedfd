//go:build !amd64 && !arm64

package kernel

// On other architectures useVectors is the constant false, and the calls of
// these are compiled away or never made.

const missing = "kernel: no vector kernels on this architecture"

func convTilesVector(*convArgs, int)                { panic(missing) }
func gradTileVector(*gradArgs, int)                 { panic(missing) }
func peakRoundsVector(int) int                      { panic(missing) }
func normPassVector(normOp, bool, *normArgs)        { panic(missing) }
func max5Vector(*poolArgs)                          { panic(missing) }
func max5IndexVector(*poolArgs)                     { panic(missing) }
func max5ArgVector(*poolArgs)                       { panic(missing) }
func sum5Vector(*poolArgs)                          { panic(missing) }
func sum5AddVector(*poolArgs)                       { panic(missing) }
func spread4Vector(*blendArgs)                      { panic(missing) }
func blend4Vector(*blendArgs)                       { panic(missing) }
func eluVector(_, _ *float32, _ int)                { panic(missing) }
func eluGradVector(_, _, _ *float32, _ int)         { panic(missing) }
func addVector(_, _, _ *float32, _ int)             { panic(missing) }
func axpyVector(_, _ *float32, _ int, _ float32)    { panic(missing) }
func copyRunsVector(*runArgs)                       { panic(missing) }
func addRunsVector(*runArgs)                        { panic(missing) }
func adamVector(adamArrays, *adamStep)              { panic(missing) }
func dotVector(_, _ *float32, _ int) float64        { panic(missing) }
func winogradInputVector(*winogradTiles)            { panic(missing) }
func winogradGradientVector(*winogradTiles)         { panic(missing) }
func winogradOutputVector(*winogradTiles)           { panic(missing) }
func winogradFilterVector(*winogradWeights)         { panic(missing) }
func winogradFilterGradientVector(*winogradWeights) { panic(missing) }
func winogradMultiplyVector(*winogradProduct)       { panic(missing) }
func winogradOuterVector(*winogradProduct)          { panic(missing) }
