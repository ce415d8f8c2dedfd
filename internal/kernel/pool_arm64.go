package kernel

func max5Vector(a *poolArgs)      { max5NEON(a) }
func max5IndexVector(a *poolArgs) { max5IndexNEON(a) }
func max5ArgVector(a *poolArgs)   { max5ArgNEON(a) }
func sum5Vector(a *poolArgs)      { sum5NEON(a) }
func sum5AddVector(a *poolArgs)   { sum5AddNEON(a) }
func blend4Vector(a *blendArgs)   { blend4NEON(a) }
func spread4Vector(a *blendArgs)  { spread4NEON(a) }

// The steps of AVX2 (pool_amd64.go), on vectors of four.

//go:noescape
func max5NEON(a *poolArgs)

//go:noescape
func max5IndexNEON(a *poolArgs)

//go:noescape
func max5ArgNEON(a *poolArgs)

//go:noescape
func sum5NEON(a *poolArgs)

//go:noescape
func sum5AddNEON(a *poolArgs)

//go:noescape
func blend4NEON(a *blendArgs)

//go:noescape
func spread4NEON(a *blendArgs)
