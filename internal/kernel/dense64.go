package kernel

import (
	"fmt"
	"unsafe"
)

// The dense kernels of sparse factorizations work on tiles: four rows of k
// columns, column by column, entry (i, j) at 4·j + i, with k a multiple of
// four. A 4×4 block is a tile of four columns. The generic loops below are the
// definitions. There are vector kernels for float64, and for the product of
// complex128.

// Scalar is a field of matrix entries.
type Scalar interface{ float64 | complex128 }

// TileProduct subtracts A·Bᵀ: C[t] −= A[t]·Bᵀ for each t in [0, tiles). B is
// the tile b of k = len(b)/4 columns, C[t] is a 4×4 block of c, and A[t] is a
// tile of k columns of a. With set, C[t] = −A[t]·Bᵀ, and C is not read. c must
// not overlap a or b. It panics if c or a is too short or k is not a multiple
// of four.
func TileProduct(c, a Strided[float64], b []float64, tiles int, set bool) {
	if k := len(b) / 4; useVectors && tiles > 0 && k > 0 && c.Stride|a.Stride >= 0 &&
		len(b)&15 == 0 {
		// panics where checkProduct does, in less time
		_, _ = c.Data[(tiles-1)*c.Stride+15], a.Data[(tiles-1)*a.Stride+4*k-1]
		tileProductVector(c.at(), a.at(), tileAt[float64]{&b[0], k}, tiles, set)
		return
	}
	checkProduct(c, a, b, tiles)
	tileProduct(c, a, b, tiles, set)
}

func checkProduct[T Scalar](c, a Strided[T], b []T, tiles int) {
	if len(b)&15 != 0 {
		panic(fmt.Sprintf("kernel: a tile of %d numbers; they come by sixteens", len(b)))
	}
	k := len(b) / 4
	checkTiles(c, 16, tiles, k)
	checkTiles(a, 4*k, tiles, k)
}

// TileProductComplex is TileProduct for complex numbers. Nothing is conjugated.
func TileProductComplex(c, a Strided[complex128], b []complex128, tiles int, set bool) {
	if k := len(b) / 4; useVectors && tiles > 0 && k > 0 && c.Stride|a.Stride >= 0 &&
		len(b)&15 == 0 {
		_, _ = c.Data[(tiles-1)*c.Stride+15], a.Data[(tiles-1)*a.Stride+4*k-1]
		tileProductComplexVector(c.at(), a.at(), tileAt[complex128]{&b[0], k}, tiles, set)
		return
	}
	checkProduct(c, a, b, tiles)
	tileProduct(c, a, b, tiles, set)
}

// Triangle selects the blocks of a matrix of blocks on and below its diagonal,
// in Tiles rows and the first Columns columns. Set replaces them instead of
// adding to them.
type Triangle struct {
	Tiles, Columns int
	Set            bool
}

// TileUpdate subtracts A·D·Aᵀ from the blocks of a triangle: C[t][j] −=
// A[t]·D·A[j]ᵀ. C[t][j] is block j of row t of c, and A[t] is a tile of len(d)
// columns of a. D is the diagonal matrix d. scratch has room for one tile. It
// panics if a slice is too short, or on a triangle with more columns than rows.
func TileUpdate(c, a Strided[float64], d, scratch []float64, t Triangle) {
	if checkUpdate(c, a, d, scratch, t) && useVectors && tileUpdateVector(c, a, d, scratch, t) {
		return
	}
	for j := range t.Columns {
		tile, rest := a.from(j, 0), t.Tiles-j
		TileScale(scratch[:4*len(d)], tile.Data, d)
		TileProduct(c.from(j, 16*j), tile, scratch[:4*len(d)], rest, t.Set)
	}
}

// TileUpdateComplex is TileUpdate for complex numbers. Nothing is conjugated.
func TileUpdateComplex(c, a Strided[complex128], d, scratch []complex128, t Triangle) {
	checkUpdate(c, a, d, scratch, t)
	for j := range t.Columns {
		tile, rest := a.from(j, 0), t.Tiles-j
		TileScaleComplex(scratch[:4*len(d)], tile.Data, d)
		TileProductComplex(c.from(j, 16*j), tile, scratch[:4*len(d)], rest, t.Set)
	}
}

// checkUpdate reports whether a triangle has any work. It panics unless the
// arrays have room for it.
func checkUpdate[T Scalar](c, a Strided[T], d, scratch []T, t Triangle) bool {
	if t.Columns < 0 || t.Columns > t.Tiles {
		panic(fmt.Sprintf("kernel: a triangle of %d columns in %d rows", t.Columns, t.Tiles))
	}
	checkTiles(c, 16*t.Columns, t.Tiles, 4)
	checkTiles(a, 4*len(d), t.Tiles, len(d))
	checkTile(scratch, 4*len(d), len(d))
	return t.Columns > 0 && len(d) > 0
}

// TileEliminate turns blocks of W = L·D into blocks of L: X ← X·(L₀·D₀)⁻ᵀ for
// each 4×4 block X = x[t], t in [0, tiles). L₀ is the unit lower triangle of
// the 4×4 block l, and inv has the four inverses of D₀.
func TileEliminate(x Strided[float64], l, inv []float64, tiles int) {
	checkEliminate(x, l, inv, tiles)
	if useVectors && tiles > 0 {
		tileEliminateVector(x.at(), &l[0], &inv[0], tiles)
		return
	}
	tileEliminate(x, l, inv, tiles)
}

// TileEliminateComplex is TileEliminate for complex numbers.
func TileEliminateComplex(x Strided[complex128], l, inv []complex128, tiles int) {
	checkEliminate(x, l, inv, tiles)
	tileEliminate(x, l, inv, tiles)
}

func checkEliminate[T Scalar](x Strided[T], l, inv []T, tiles int) {
	checkTiles(x, 16, tiles, 4)
	checkTile(l, 16, 4)
	checkTile(inv, 4, 4)
}

// TileScale sets B = A·D: dst[4j+i] = a[4j+i]·d[j] for a tile of len(d)
// columns. dst and a may be the same slice.
func TileScale(dst, a, d []float64) {
	if useVectors && len(d) > 0 && len(d)&3 == 0 {
		_, _ = dst[4*len(d)-1], a[4*len(d)-1]
		tileScaleVector(&dst[0], &a[0], &d[0], len(d))
		return
	}
	checkTile(dst, 4*len(d), len(d))
	checkTile(a, 4*len(d), len(d))
	tileScale(dst, a, d)
}

// TileScaleComplex is TileScale for complex numbers.
func TileScaleComplex(dst, a, d []complex128) {
	checkTile(dst, 4*len(d), len(d))
	checkTile(a, 4*len(d), len(d))
	tileScale(dst, a, d)
}

// TileForward subtracts A·x from y: y[4t+i] −= Σ_j A[t][i, j]·x[j] for each of
// the len(y)/4 tiles. A[t] is a tile of len(x) columns of a.
func TileForward(y []float64, a Strided[float64], x []float64) {
	if k, tiles := len(x), len(y)/4; useVectors && k > 0 && tiles > 0 && k&3|a.Stride>>63 == 0 {
		_ = a.Data[(tiles-1)*a.Stride+4*k-1] // panics where checkTiles does, in less time
		tileForwardVector(&y[0], a.at(), &x[0], tiles, k)
		return
	}
	checkTiles(a, 4*len(x), len(y)/4, len(x))
	tileForward(y, a, x)
}

// TileForwardComplex is TileForward for complex numbers.
func TileForwardComplex(y []complex128, a Strided[complex128], x []complex128) {
	checkTiles(a, 4*len(x), len(y)/4, len(x))
	tileForward(y, a, x)
}

// TileBackward subtracts Aᵀ·x from y: y[j] −= Σ_t Σ_i A[t][i, j]·x[4t+i], over
// the len(x)/4 tiles. A[t] is a tile of len(y) columns of a.
func TileBackward(y []float64, a Strided[float64], x []float64) {
	if k, tiles := len(y), len(x)/4; useVectors && k > 0 && tiles > 0 && k&3|a.Stride>>63 == 0 {
		_ = a.Data[(tiles-1)*a.Stride+4*k-1]
		tileBackwardVector(&y[0], a.at(), &x[0], tiles, k)
		return
	}
	checkTiles(a, 4*len(y), len(x)/4, len(y))
	tileBackward(y, a, x)
}

// TileBackwardComplex is TileBackward for complex numbers.
func TileBackwardComplex(y []complex128, a Strided[complex128], x []complex128) {
	checkTiles(a, 4*len(y), len(x)/4, len(y))
	tileBackward(y, a, x)
}

// TileAdd adds rows of blocks: dst[r][i] += src[r][i] for r in [0, rows) and i
// in [0, n + r·grow). With grow = 0 these are a rectangle, with grow = 16
// the blocks up to a diagonal. n and grow are multiples of sixteen, and grow is
// not negative. It panics if they are not, or if a slice is too short.
func TileAdd(dst, src Strided[float64], rows, n, grow int) {
	if useVectors && rows > 0 && n > 0 && (rows|grow|dst.Stride|src.Stride)>>63|(n|grow)&15 == 0 {
		// panics where checkRows does, in less time
		_ = dst.Data[(rows-1)*(dst.Stride+grow)+n-1]
		_ = src.Data[(rows-1)*(src.Stride+grow)+n-1]
		tileAddVector(dst.at(), src.at(), rows, n, grow)
		return
	}
	checkRows(dst, rows, n, grow)
	checkRows(src, rows, n, grow)
	tileAdd(dst, src, rows, n, grow)
}

// TileAddComplex is TileAdd for complex numbers.
func TileAddComplex(dst, src Strided[complex128], rows, n, grow int) {
	checkRows(dst, rows, n, grow)
	checkRows(src, rows, n, grow)
	tileAdd(dst, src, rows, n, grow)
}

// Prefetch begins to fetch v into the caches, up to 8 KB of it. It reads and
// changes nothing.
func Prefetch[T Scalar](v []T) {
	const line, most = 64, 128
	size := len(v) * int(unsafe.Sizeof(*new(T)))
	if useVectors && size >= line {
		prefetchVector((*float64)(unsafe.Pointer(&v[0])), min(size/line, most))
	}
}

// checkRows panics unless s has room for rows of n, n + grow, … numbers.
func checkRows[T Scalar](s Strided[T], rows, n, grow int) {
	if rows|n|grow|s.Stride < 0 || (n|grow)&15 != 0 ||
		rows > 0 && (rows-1)*(s.Stride+grow)+n > len(s.Data) {
		panic(fmt.Sprintf("kernel: %d rows of %d numbers and %d more each, %d apart, do not fit "+
			"into %d numbers by sixteens", rows, n, grow, s.Stride, len(s.Data)))
	}
}

// checkTiles panics unless s has room for tiles of size numbers in k columns.
func checkTiles[T Scalar](s Strided[T], size, tiles, k int) {
	if tiles|k|s.Stride < 0 || k&3 != 0 || tiles > 0 && (tiles-1)*s.Stride+size > len(s.Data) {
		panic(fmt.Sprintf("kernel: %d tiles of %d numbers, %d apart, of %d columns, do not fit "+
			"into %d numbers by fours", tiles, size, s.Stride, k, len(s.Data)))
	}
}

// checkTile is checkTiles for one tile.
func checkTile[T Scalar](tile []T, size, k int) { checkTiles(Strided[T]{tile, 0}, size, 1, k) }

func tileProduct[T Scalar](c, a Strided[T], b []T, tiles int, set bool) {
	for t := range tiles {
		at := a.Data[t*a.Stride:][:len(b)]
		ct := c.Data[t*c.Stride:][:16]
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

func tileEliminate[T Scalar](x Strided[T], l, inv []T, tiles int) {
	l, inv = l[:16], inv[:4]
	l10, l20, l30, l21, l31, l32 := l[1], l[2], l[3], l[6], l[7], l[11]
	for t := range tiles {
		xt := x.Data[t*x.Stride:][:16]
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

func tileForward[T Scalar](y []T, a Strided[T], x []T) {
	for t := range len(y) / 4 {
		yt, at := y[4*t:][:4], a.Data[t*a.Stride:][:4*len(x)]
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

func tileBackward[T Scalar](y []T, a Strided[T], x []T) {
	for t := range len(x) / 4 {
		at := a.Data[t*a.Stride:][:4*len(y)]
		x0, x1, x2, x3 := x[4*t], x[4*t+1], x[4*t+2], x[4*t+3]
		for j := range y {
			aj := at[4*j:][:4]
			y[j] -= aj[0]*x0 + aj[1]*x1 + aj[2]*x2 + aj[3]*x3
		}
	}
}

func tileAdd[T Scalar](dst, src Strided[T], rows, n, grow int) {
	for r := range rows {
		to := dst.Data[r*dst.Stride:][:n+r*grow]
		for i, v := range src.Data[r*src.Stride:][:n+r*grow] {
			to[i] += v
		}
	}
}
