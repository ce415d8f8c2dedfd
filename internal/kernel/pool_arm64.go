package kernel

func max5(a *poolArgs)      { neonMax5(a) }
func max5Index(a *poolArgs) { neonMax5Index(a) }
func max5Arg(a *poolArgs)   { neonMax5Arg(a) }
func sum5(a *poolArgs)      { neonSum5(a) }
func sum5Add(a *poolArgs)   { neonSum5Add(a) }
func blend4(a *blendArgs)   { neonBlend4(a) }
func spread4(a *blendArgs)  { neonSpread4(a) }

// The steps of AVX2 (pool_amd64.go), on vectors of four.

//go:noescape
func neonMax5(a *poolArgs)

//go:noescape
func neonMax5Index(a *poolArgs)

//go:noescape
func neonMax5Arg(a *poolArgs)

//go:noescape
func neonSum5(a *poolArgs)

//go:noescape
func neonSum5Add(a *poolArgs)

//go:noescape
func neonBlend4(a *blendArgs)

//go:noescape
func neonSpread4(a *blendArgs)
