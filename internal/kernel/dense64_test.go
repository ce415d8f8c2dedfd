package kernel

import (
	"fmt"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"slices"
	"testing"
)

const eps64 = 0x1p-53

// tilesOf returns n tiles of size numbers, stride apart, offset numbers from
// the start of an allocation. The numbers between the tiles are NaN, to detect
// reads outside a tile.
func tilesOf[T Scalar](rng *rand.Rand, n, size, stride, offset int) []T {
	x := make([]T, offset+max(n-1, 0)*stride+size)[offset:]
	for i := range x {
		setNumber(&x[i], math.NaN(), math.NaN())
	}
	for t := range n {
		for i := range size {
			setNumber(&x[t*stride+i], rng.NormFloat64(), rng.NormFloat64())
		}
	}
	return x
}

func setNumber[T Scalar](x *T, re, im float64) {
	switch x := any(x).(type) {
	case *float64:
		*x = re
	case *complex128:
		*x = complex(re, im)
	}
}

func size64[T Scalar](x T) float64 {
	switch x := any(x).(type) {
	case float64:
		return math.Abs(x)
	case complex128:
		return cmplx.Abs(x)
	}
	return 0
}

// close64 checks that got[i] is within n·ε·bound(i) of want[i], and NaN where
// want[i] is NaN.
func close64[T Scalar](t *testing.T, name string, got, want []T, n int, bound func(i int) float64) {
	t.Helper()
	for i := range got {
		if want[i] != want[i] {
			if got[i] == got[i] {
				t.Fatalf("%s: wrote between tiles, at %d", name, i)
			}
			continue
		}
		if d := size64(got[i] - want[i]); !(d <= float64(n+4)*eps64*bound(i)) {
			t.Fatalf("%s[%d] = %v, want %v", name, i, got[i], want[i])
		}
	}
}

// A tileKernels is the kernels on tiles of one type of numbers.
type tileKernels[T Scalar] struct {
	product           func(c, a Strided[T], b []T, tiles int, set bool)
	update            func(c, a Strided[T], d, scratch []T, t Triangle)
	eliminate         func(x Strided[T], l, inv []T, tiles int)
	scale             func(dst, a, d []T)
	forward, backward func(y []T, a Strided[T], x []T)
	add               func(dst, src Strided[T], rows, n, grow int)
}

// Normal numbers stay below 7 here, so that 50·k bounds any sum of k products.
func testTiles[T Scalar](t *testing.T, kernel tileKernels[T]) {
	rng := rand.New(rand.NewPCG(5, 6))
	for tiles := range 10 {
		for _, k := range []int{0, 4, 8, 12, 36, 64} {
			name := fmt.Sprintf("%d tiles of %d columns", tiles, k)
			cs, as := 16+rng.IntN(3)*7, 4*k+rng.IntN(3)*5
			a := tilesOf[T](rng, tiles, 4*k, as, rng.IntN(4))
			b := tilesOf[T](rng, 1, 4*k, 0, rng.IntN(4))
			c := tilesOf[T](rng, tiles, 16, cs, rng.IntN(4))
			want, a0, b0 := slices.Clone(c), fmt.Sprint(a), fmt.Sprint(b)
			for p := range tiles { // the definition, once more and by itself
				for i := range 4 {
					for j := range 4 {
						for q := range k {
							want[p*cs+4*j+i] -= a[p*as+4*q+i] * b[4*q+j]
						}
					}
				}
			}
			fresh := tilesOf[T](rng, tiles, 16, cs, rng.IntN(4))
			negative := slices.Clone(fresh)
			for p := range tiles {
				for i := range 16 {
					negative[p*cs+i] = want[p*cs+i] - c[p*cs+i]
					setNumber(&fresh[p*cs+i], math.NaN(), 0) // whatever was there
				}
			}
			kernel.product(Strided[T]{c, cs}, Strided[T]{a, as}, b, tiles, false)
			close64(t, name+": product", c, want, k, func(int) float64 { return 50 * float64(k+1) })
			kernel.product(Strided[T]{fresh, cs}, Strided[T]{a, as}, b, tiles, true)
			close64(t, name+": product set", fresh, negative, k+1,
				func(int) float64 { return 50 * float64(k+1) })
			if fmt.Sprint(a) != a0 || fmt.Sprint(b) != b0 {
				t.Fatalf("%s: product changed its input", name)
			}

			testUpdate(t, rng, kernel, Triangle{tiles, rng.IntN(tiles + 1), tiles%2 == 0}, k)
			x := tilesOf[T](rng, 1, k, 0, rng.IntN(4))
			y := tilesOf[T](rng, 1, 4*tiles, 0, rng.IntN(4))
			scaled := tilesOf[T](rng, 1, 4*k, 0, 2)
			times := slices.Clone(b)
			for i := range times {
				times[i] *= x[i/4]
			}
			kernel.scale(scaled, b, x)
			close64(t, name+": scale", scaled, times, 1, func(int) float64 { return 50 })
			want = slices.Clone(y)
			for p := range tiles {
				for i := range 4 {
					for q := range k {
						want[4*p+i] -= a[p*as+4*q+i] * x[q]
					}
				}
			}
			rows := slices.Clone(y)
			kernel.forward(rows, Strided[T]{a, as}, x)
			close64(t, name+": forward", rows, want, k,
				func(int) float64 { return 50 * float64(k+1) })
			want = slices.Clone(x)
			for p := range tiles {
				for i := range 4 {
					for q := range k {
						want[q] -= a[p*as+4*q+i] * y[4*p+i]
					}
				}
			}
			kernel.backward(x, Strided[T]{a, as}, y)
			close64(t, name+": backward", x, want, 4*tiles,
				func(int) float64 { return 50 * float64(4*tiles+1) })
		}
		// multiplying X·(L₀·D₀)⁻ᵀ by D₀·L₀ᵀ from the right gives X
		xs := 16 + rng.IntN(3)*7
		x, l := tilesOf[T](rng, tiles, 16, xs, rng.IntN(4)), tilesOf[T](rng, 1, 16, 0, 1)
		inv := tilesOf[T](rng, 1, 4, 0, 1)
		got := slices.Clone(x)
		kernel.eliminate(Strided[T]{got, xs}, l, inv, tiles)
		for p := range tiles {
			back := slices.Clone(got[p*xs:][:16])
			for i := range 4 {
				for j := range 4 {
					sum := got[p*xs+4*j+i] / inv[j]
					for q := range j {
						sum += got[p*xs+4*q+i] / inv[q] * l[4*q+j]
					}
					back[4*j+i] = sum
				}
			}
			// growth of four steps of normals
			close64(t, "eliminate", back, x[p*xs:][:16], 8, func(int) float64 { return 1e4 })
		}
	}
	for rows := range 5 {
		for _, n := range []int{0, 16, 32, 48, 80} {
			for _, grow := range []int{0, 16, 32} {
				most := max(0, n+(rows-1)*grow)
				ds, ss := most+rng.IntN(3)*7, most+rng.IntN(3)*5
				dst := tilesOf[T](rng, rows, most, ds, rng.IntN(4))
				src := tilesOf[T](rng, rows, most, ss, rng.IntN(4))
				want := slices.Clone(dst)
				for r := range rows {
					for i := range n + r*grow {
						want[r*ds+i] += src[r*ss+i]
					}
				}
				kernel.add(Strided[T]{dst, ds}, Strided[T]{src, ss}, rows, n, grow)
				close64(t, fmt.Sprintf("sum of %d rows of %d numbers", rows, n), dst, want, 0,
					func(int) float64 { return 0 })
			}
		}
	}
}

// testUpdate compares an update of a triangle with its definition. The blocks
// above the diagonal keep their values.
func testUpdate[T Scalar](t *testing.T, rng *rand.Rand, kernel tileKernels[T], shape Triangle,
	k int) {
	t.Helper()
	width := 16 * shape.Columns
	cs, as := width+rng.IntN(3)*8, 4*k+rng.IntN(3)*8
	a := tilesOf[T](rng, shape.Tiles, 4*k, as, rng.IntN(4))
	c := tilesOf[T](rng, shape.Tiles, width, cs, rng.IntN(4))
	d, scratch := tilesOf[T](rng, 1, k, 0, 1), make([]T, 4*k)
	want := slices.Clone(c)
	for p := range shape.Tiles {
		for q := range min(p+1, shape.Columns) {
			for e := range 16 {
				to := &want[p*cs+16*q+e]
				if shape.Set {
					*to = 0
				}
				for j := range k {
					*to -= a[p*as+4*j+e%4] * d[j] * a[q*as+4*j+e/4]
				}
			}
		}
	}
	kernel.update(Strided[T]{c, cs}, Strided[T]{a, as}, d, scratch, shape)
	// A product of three normal numbers is below 7³.
	close64(t, fmt.Sprintf("update %+v by %d columns", shape, k), c, want, k+1,
		func(int) float64 { return 350 * float64(k+1) })
}

func TestDense64(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		testTiles(t, tileKernels[float64]{
			TileProduct, TileUpdate, TileEliminate, TileScale, TileForward, TileBackward, TileAdd,
		})
		testTiles(t, tileKernels[complex128]{
			TileProductComplex, TileUpdateComplex, TileEliminateComplex, TileScaleComplex,
			TileForwardComplex, TileBackwardComplex, TileAddComplex,
		})
	})
}

func TestDense64RefusesShortSlices(t *testing.T) {
	x := make([]float64, 64)
	in := func(x []float64, stride int) Strided[float64] { return Strided[float64]{x, stride} }
	update := func(c, scratch []float64, shape Triangle) {
		TileUpdate(in(c, 16), in(x, 16), x[:4], scratch, shape)
	}
	for name, call := range map[string]func(){
		"c":        func() { TileProduct(in(x[:31], 16), in(x, 32), x[:32], 2, false) },
		"a":        func() { TileProduct(in(x, 16), in(x[:63], 32), x[:32], 2, false) },
		"b":        func() { TileProduct(in(x, 16), in(x, 32), x[:31], 2, false) },
		"columns":  func() { TileProduct(in(x, 16), in(x, 32), x[:24], 1, false) },
		"update":   func() { update(x[:47], x, Triangle{3, 2, false}) },
		"scratch":  func() { update(x, x[:15], Triangle{2, 1, false}) },
		"wide":     func() { update(x, x, Triangle{1, 2, false}) },
		"forward":  func() { TileForward(x[:8], in(x[:63], 32), x[:8]) },
		"backward": func() { TileBackward(x[:8], in(x[:63], 32), x[:8]) },
		"inverses": func() { TileEliminate(in(x, 16), x, x[:3], 1) },
		"sum":      func() { TileAdd(in(x[:31], 16), in(x, 16), 2, 16, 0) },
		"triangle": func() { TileAdd(in(x, 16), in(x[:47], 16), 2, 16, 16) },
		"odd sum":  func() { TileAdd(in(x, 16), in(x, 16), 2, 12, 0) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: accepted", name)
				}
			}()
			call()
		}()
	}
}

func BenchmarkTileProduct(b *testing.B) {
	for _, c := range [][2]int{{4, 8}, {16, 16}, {128, 64}} {
		tiles, k := c[0], c[1]
		x, y, z := make([]float64, tiles*4*k), make([]float64, 4*k), make([]float64, tiles*16)
		b.Run(fmt.Sprintf("tiles=%d/columns=%d", tiles, k), func(b *testing.B) {
			for b.Loop() {
				TileProduct(Strided[float64]{z, 16}, Strided[float64]{x, 4 * k}, y, tiles, false)
			}
			b.ReportMetric(float64(32*tiles*k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
