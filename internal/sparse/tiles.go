package sparse

import "csdm/internal/kernel"

// kernels holds the dense operations on tiles for all arithmetic; package
// kernel defines them.
type kernels[T Number] struct {
	// C[t] −= A[t]·Bᵀ, or C[t] = −A[t]·Bᵀ with set.
	product func(c, a kernel.Strided[T], b []T, tiles int, set bool)
	// C −= A·D·Aᵀ below the diagonal
	update func(c, a kernel.Strided[T], d, scratch []T, t kernel.Triangle)
	// X[t] ← X[t]·(L₀·D₀)⁻ᵀ
	eliminate func(x kernel.Strided[T], l, inv []T, tiles int)
	scale     func(dst, a, d []T) // dst = A·D
	// dst[r][:n+r·grow] += src[r][:n+r·grow]
	add      func(dst, src kernel.Strided[T], rows, n, grow int)
	forward  func(y []T, a kernel.Strided[T], x []T) // y −= A·x
	backward func(y []T, a kernel.Strided[T], x []T) // y −= Aᵀ·x
	// Reports that d cannot be a pivot.
	vanishes func(d, diagonal T, tolerance float64) bool
}

// strided returns the tiles that begin stride numbers apart.
func strided[T Number](data []T, stride int) kernel.Strided[T] {
	return kernel.Strided[T]{Data: data, Stride: stride}
}

// kernelsOf returns the kernels for T.
func kernelsOf[T Number]() (k kernels[T]) {
	switch k := any(&k).(type) {
	case *kernels[float64]:
		*k = kernels[float64]{kernel.TileProduct, kernel.TileUpdate,
			kernel.TileEliminate, kernel.TileScale,
			kernel.TileAdd, kernel.TileForward, kernel.TileBackward, vanishes}
	case *kernels[complex128]:
		*k = kernels[complex128]{kernel.TileProductComplex, kernel.TileUpdateComplex,
			kernel.TileEliminateComplex,
			kernel.TileScaleComplex, kernel.TileAddComplex,
			kernel.TileForwardComplex, kernel.TileBackwardComplex, vanishesComplex}
	}
	return k
}
