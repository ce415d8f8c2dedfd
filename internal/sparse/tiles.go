package sparse

import "csdm/internal/kernel"

// kernels are the dense operations on tiles that all arithmetic is made of; package kernel defines them.
type kernels[T Number] struct {
	product   func(c []T, cs int, a []T, as int, b []T, tiles, k int) // C[t] −= A[t]·Bᵀ
	eliminate func(x []T, xs int, l, inv []T, tiles int)              // X[t] ← X[t]·(L₀·D₀)⁻ᵀ
	add       func(dst, src []T)                                      // dst += src
	forward   func(y, a []T, as int, x []T)                           // y −= A·x
	backward  func(y, a []T, as int, x []T)                           // y −= Aᵀ·x
}

// kernelsOf returns the kernels for T.
func kernelsOf[T Number]() (k kernels[T]) {
	switch k := any(&k).(type) {
	case *kernels[float64]:
		*k = kernels[float64]{kernel.TileProduct, kernel.TileEliminate, kernel.AddTo64, kernel.TileForward, kernel.TileBackward}
	case *kernels[complex128]:
		*k = kernels[complex128]{kernel.TileProductComplex, kernel.TileEliminateComplex, kernel.AddToComplex,
			kernel.TileForwardComplex, kernel.TileBackwardComplex}
	}
	return k
}
