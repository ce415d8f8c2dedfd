package kernel

import "math"

// ELU sets dst = x where x > 0 and exp(x)-1 elsewhere (Clevert et al. 2016,
// α = 1). dst may be x.
func ELU[F Float](dst, x []F) {
	same("ELU", len(dst), len(x))
	if single[F]() && useVectors && len(x) > 0 {
		eluVector(&as32(dst)[0], &as32(x)[0], len(x))
		return
	}
	for i, v := range x {
		dst[i] = elu(v)
	}
}

func elu[F Float](v F) F {
	if v > 0 {
		return v
	}
	return F(math.Expm1(float64(v)))
}

// ELUGrad adds to dx the gradient through y = ELU(x), which is
// dy·(y > 0 ? 1 : y+1).
func ELUGrad[F Float](dx, dy, y []F) {
	same("ELUGrad", len(dx), len(dy))
	same("ELUGrad", len(dx), len(y))
	if single[F]() && useVectors && len(y) > 0 {
		eluGradVector(&as32(dx)[0], &as32(dy)[0], &as32(y)[0], len(y))
		return
	}
	for i, v := range y {
		dx[i] += dy[i] * eluSlope(v)
	}
}

// eluSlope is the derivative of ELU where its value is y.
func eluSlope[F Float](y F) F {
	if y > 0 {
		return 1
	}
	return y + 1
}

// Add sets dst = a + b. dst may be a or b.
func Add[F Float](dst, a, b []F) {
	same("Add", len(dst), len(a))
	same("Add", len(dst), len(b))
	if single[F]() && useVectors && len(a) > 0 {
		addVector(&as32(dst)[0], &as32(a)[0], &as32(b)[0], len(a))
		return
	}
	for i, v := range a {
		dst[i] = v + b[i]
	}
}

// Accumulate adds a to dst.
func Accumulate[F Float](dst, a []F) {
	same("Accumulate", len(dst), len(a))
	if single[F]() && useVectors && len(a) > 0 {
		addVector(&as32(dst)[0], &as32(dst)[0], &as32(a)[0], len(a))
		return
	}
	for i, v := range a {
		dst[i] += v
	}
}

// Axpy adds alpha·x to dst.
func Axpy[F Float](dst []F, alpha F, x []F) {
	same("Axpy", len(dst), len(x))
	if single[F]() && useVectors && len(x) > 0 {
		axpyVector(&as32(dst)[0], &as32(x)[0], len(x), float32(alpha))
		return
	}
	for i, v := range x {
		dst[i] += alpha * v
	}
}

// Scale multiplies x by alpha in place.
func Scale[F Float](x []F, alpha F) {
	for i := range x {
		x[i] *= alpha
	}
}

// Dot returns Σ aᵢbᵢ, summed in float64.
func Dot[F Float](a, b []F) float64 {
	same("Dot", len(a), len(b))
	if single[F]() && useVectors && len(a) > 0 {
		return dotVector(&as32(a)[0], &as32(b)[0], len(a))
	}
	var s float64
	for i, v := range a {
		s += float64(v) * float64(b[i])
	}
	return s
}

// SumSquares returns Σ xᵢ², summed in float64. For float32 it is finite exactly
// when all xᵢ are.
func SumSquares[F Float](x []F) float64 { return Dot(x, x) }
