package kernel

import "fmt"

// The dense kernels of sparse factorizations work on tiles: four rows of k
// columns, column by column, entry (i, j) at 4·j + i, with k a multiple of
// four. A 4×4 block is a tile of four columns. The generic loops below are the
// definitions. There are vector kernels for float64, and for the product of
// complex128.

// Scalar is a field of matrix entries.
type Scalar interface{ float64 | complex128 }

// TileProduct subtracts A·Bᵀ: C[t] −= A[t]·Bᵀ for each t in [0, tiles). C[t] is
// the 4×4 block at c[t·cs:], A[t] the tile of k columns at a[t·as:], and B the
// tile of k columns at b. With set, C[t] = −A[t]·Bᵀ, and C is not read. c must
// not overlap a or b. It panics if a slice is too short or k is not a multiple
// of four.
func TileProduct(c []float64, cs int, a []float64, as int, b []float64, tiles, k int, set bool) {
	if useVectors && tiles > 0 && k > 0 && cs|as >= 0 && k&3 == 0 {
		// panics where checkTiles does, in less time
		_, _, _ = c[(tiles-1)*cs+15], a[(tiles-1)*as+4*k-1], b[4*k-1]
		tileProductVector(&c[0], cs, &a[0], as, &b[0], tiles, k, set)
		return
	}
	checkTiles(len(c), cs, 16, tiles, k)
	checkTiles(len(a), as, 4*k, tiles, k)
	checkTiles(len(b), 0, 4*k, 1, k)
	tileProduct(c, cs, a, as, b, tiles, k, set)
}

// TileProductComplex is TileProduct for complex numbers. Nothing is conjugated.
func TileProductComplex(
	c []complex128, cs int, a []complex128, as int, b []complex128, tiles, k int, set bool,
) {
	if useVectors && tiles > 0 && k > 0 && cs|as >= 0 && k&3 == 0 {
		_, _, _ = c[(tiles-1)*cs+15], a[(tiles-1)*as+4*k-1], b[4*k-1]
		tileProductComplexVector(&c[0], cs, &a[0], as, &b[0], tiles, k, set)
		return
	}
	checkTiles(len(c), cs, 16, tiles, k)
	checkTiles(len(a), as, 4*k, tiles, k)
	checkTiles(len(b), 0, 4*k, 1, k)
	tileProduct(c, cs, a, as, b, tiles, k, set)
}

// TileEliminate turns blocks of W = L·D into blocks of L: X ← X·(L₀·D₀)⁻ᵀ for
// each 4×4 block X at x[t·xs:], t in [0, tiles). L₀ is the unit lower triangle
// of the 4×4 block l, and inv has the four inverses of D₀.
func TileEliminate(x []float64, xs int, l, inv []float64, tiles int) {
	checkTiles(len(x), xs, 16, tiles, 4)
	checkTiles(len(l), 0, 16, 1, 4)
	checkTiles(len(inv), 0, 4, 1, 4)
	if useVectors && tiles > 0 {
		tileEliminateVector(&x[0], xs, &l[0], &inv[0], tiles)
		return
	}
	tileEliminate(x, xs, l, inv, tiles)
}

// TileEliminateComplex is TileEliminate for complex numbers.
func TileEliminateComplex(x []complex128, xs int, l, inv []complex128, tiles int) {
	checkTiles(len(x), xs, 16, tiles, 4)
	checkTiles(len(l), 0, 16, 1, 4)
	checkTiles(len(inv), 0, 4, 1, 4)
	tileEliminate(x, xs, l, inv, tiles)
}

// TileScale sets B = A·D: dst[4j+i] = a[4j+i]·d[j] for a tile of len(d)
// columns. dst and a may be the same slice.
func TileScale(dst, a, d []float64) {
	if useVectors && len(d) > 0 && len(d)&3 == 0 {
		_, _ = dst[4*len(d)-1], a[4*len(d)-1]
		tileScaleVector(&dst[0], &a[0], &d[0], len(d))
		return
	}
	checkTiles(len(dst), 0, 4*len(d), 1, len(d))
	checkTiles(len(a), 0, 4*len(d), 1, len(d))
	tileScale(dst, a, d)
}

// TileScaleComplex is TileScale for complex numbers.
func TileScaleComplex(dst, a, d []complex128) {
	checkTiles(len(dst), 0, 4*len(d), 1, len(d))
	checkTiles(len(a), 0, 4*len(d), 1, len(d))
	tileScale(dst, a, d)
}

// TileForward subtracts A·x from y: y[4t+i] −= Σ_j A[t][i, j]·x[j] for each of
// the len(y)/4 tiles. A[t] is the tile of len(x) columns at a[t·as:].
func TileForward(y, a []float64, as int, x []float64) {
	checkTiles(len(a), as, 4*len(x), len(y)/4, len(x))
	if useVectors && len(x) > 0 && len(y) >= 4 {
		tileForwardVector(&y[0], &a[0], as, &x[0], len(y)/4, len(x))
		return
	}
	tileForward(y, a, as, x)
}

// TileForwardComplex is TileForward for complex numbers.
func TileForwardComplex(y, a []complex128, as int, x []complex128) {
	checkTiles(len(a), as, 4*len(x), len(y)/4, len(x))
	tileForward(y, a, as, x)
}

// TileBackward subtracts Aᵀ·x from y: y[j] −= Σ_t Σ_i A[t][i, j]·x[4t+i], over
// the len(x)/4 tiles. A[t] is the tile of len(y) columns at a[t·as:].
func TileBackward(y, a []float64, as int, x []float64) {
	checkTiles(len(a), as, 4*len(y), len(x)/4, len(y))
	if useVectors && len(y) > 0 && len(x) >= 4 {
		tileBackwardVector(&y[0], &a[0], as, &x[0], len(x)/4, len(y))
		return
	}
	tileBackward(y, a, as, x)
}

// TileBackwardComplex is TileBackward for complex numbers.
func TileBackwardComplex(y, a []complex128, as int, x []complex128) {
	checkTiles(len(a), as, 4*len(y), len(x)/4, len(y))
	tileBackward(y, a, as, x)
}

// TileAdd adds rows of blocks: dst[r·ds+i] += src[r·ss+i] for r in [0, rows)
// and i in [0, n + r·grow). With grow = 0 these are a rectangle, with grow = 16
// the blocks up to a diagonal. n and grow are multiples of sixteen, and grow is
// not negative. It panics if they are not, or if a slice is too short.
func TileAdd(dst []float64, ds int, src []float64, ss, rows, n, grow int) {
	checkRows(len(dst), ds, rows, n, grow)
	checkRows(len(src), ss, rows, n, grow)
	if useVectors && rows > 0 && n > 0 {
		tileAddVector(&dst[0], ds, &src[0], ss, rows, n, grow)
		return
	}
	tileAdd(dst, ds, src, ss, rows, n, grow)
}

// TileAddComplex is TileAdd for complex numbers.
func TileAddComplex(dst []complex128, ds int, src []complex128, ss, rows, n, grow int) {
	checkRows(len(dst), ds, rows, n, grow)
	checkRows(len(src), ss, rows, n, grow)
	tileAdd(dst, ds, src, ss, rows, n, grow)
}

// checkRows panics unless rows of n, n + grow, … numbers, stride apart, lie
// within size numbers.
func checkRows(size, stride, rows, n, grow int) {
	if rows|n|grow|stride < 0 || (n|grow)&15 != 0 ||
		rows > 0 && (rows-1)*(stride+grow)+n > size {
		panic(fmt.Sprintf("kernel: %d rows of %d numbers and %d more each, %d apart, do not fit "+
			"into %d numbers by sixteens", rows, n, grow, stride, size))
	}
}

// checkTiles panics unless tiles of the given size, stride apart, lie within n
// numbers.
func checkTiles(n, stride, size, tiles, k int) {
	if tiles|k|stride < 0 || k&3 != 0 || tiles > 0 && (tiles-1)*stride+size > n {
		panic(fmt.Sprintf("kernel: %d tiles of %d numbers, %d apart, of %d columns, do not fit "+
			"into %d numbers by fours", tiles, size, stride, k, n))
	}
}

func tileProduct[T Scalar](c []T, cs int, a []T, as int, b []T, tiles, k int, set bool) {
	b = b[:4*k]
	for t := range tiles {
		at := a[t*as:][:len(b)]
		ct := c[t*cs:][:16]
		if set {
			clear(ct)
		}
		for j := 0; j < 4; j += 2 { // two columns of C at a time: eight sums stay in registers
			var c00, c10, c20, c30, c01, c11, c21, c31 T
			for p := 0; p+4 <= len(b); p += 4 {
				b0, b1 := b[p+j], b[p+j+1]
				a0, a1, a2, a3 := at[p], at[p+1], at[p+2], at[p+3]
				c00 += a0 * b0
				c10 += a1 * b0
				c20 += a2 * b0
				c30 += a3 * b0
				c01 += a0 * b1
				c11 += a1 * b1
				c21 += a2 * b1
				c31 += a3 * b1
			}
			ctj := ct[4*j:][:8]
			ctj[0] -= c00
			ctj[1] -= c10
			ctj[2] -= c20
			ctj[3] -= c30
			ctj[4] -= c01
			ctj[5] -= c11
			ctj[6] -= c21
			ctj[7] -= c31
		}
	}
}

func tileEliminate[T Scalar](x []T, xs int, l, inv []T, tiles int) {
	l, inv = l[:16], inv[:4]
	l10, l20, l30, l21, l31, l32 := l[1], l[2], l[3], l[6], l[7], l[11]
	for t := range tiles {
		xt := x[t*xs:][:16]
		for i := range 4 {
			w0 := xt[i]
			w1 := xt[4+i] - w0*l10
			w2 := xt[8+i] - w0*l20 - w1*l21
			w3 := xt[12+i] - w0*l30 - w1*l31 - w2*l32
			xt[i], xt[4+i], xt[8+i], xt[12+i] = w0*inv[0], w1*inv[1], w2*inv[2], w3*inv[3]
		}
	}
}

func tileScale[T Scalar](dst, a, d []T) {
	for j, v := range d {
		bj, aj := dst[4*j:][:4], a[4*j:][:4]
		bj[0], bj[1], bj[2], bj[3] = aj[0]*v, aj[1]*v, aj[2]*v, aj[3]*v
	}
}

func tileForward[T Scalar](y, a []T, as int, x []T) {
	for t := range len(y) / 4 {
		yt, at := y[4*t:][:4], a[t*as:][:4*len(x)]
		var s0, s1, s2, s3 T
		for j, v := range x {
			aj := at[4*j:][:4]
			s0 += aj[0] * v
			s1 += aj[1] * v
			s2 += aj[2] * v
			s3 += aj[3] * v
		}
		yt[0] -= s0
		yt[1] -= s1
		yt[2] -= s2
		yt[3] -= s3
	}
}

func tileBackward[T Scalar](y, a []T, as int, x []T) {
	for t := range len(x) / 4 {
		at := a[t*as:][:4*len(y)]
		x0, x1, x2, x3 := x[4*t], x[4*t+1], x[4*t+2], x[4*t+3]
		for j := range y {
			aj := at[4*j:][:4]
			y[j] -= aj[0]*x0 + aj[1]*x1 + aj[2]*x2 + aj[3]*x3
		}
	}
}

func tileAdd[T Scalar](dst []T, ds int, src []T, ss, rows, n, grow int) {
	for r := range rows {
		to := dst[r*ds:][:n+r*grow]
		for i, v := range src[r*ss:][:n+r*grow] {
			to[i] += v
		}
	}
}
