package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"unsafe"
)

// The products of planes alone, for all numbers of rows around the tiles of any
// implementation, with canaries around C. A row has the same bits in a product
// of many rows and of few, since convolutions may be cut anywhere.
func TestPlaneProducts(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		if !useVectors {
			return // the definition has no planes
		}
		rng := rand.New(rand.NewPCG(20, 21))
		const planes = 2
		for _, k := range []int{4, 16, 36} {
			for _, cols := range []int{16, 32, 48} {
				bPlane := k*cols + 3
				matrix, b := normal32(rng, k*cols, 0), normal32(rng, planes*bPlane, 0)
				for p := range planes { // the same matrix in both, by panels
					panels := newPanels(k, cols, useAVX512)
					panels.set(matrix)
					copy(b[p*bPlane:], panels.data[:k*cols])
				}
				var last []float32
				for rows := 1; rows <= 31; rows++ {
					name := fmt.Sprintf("%d×%d by %d×%d", rows, k, k, cols)
					a := normal32(rand.New(rand.NewPCG(22, 23)), planes*31*k, 0)
					c := newGuard(planes*rows*cols, rows%16)
					winogradMultiplyVector(&winogradProduct{
						a: unsafe.Pointer(&a[0]), b: unsafe.Pointer(&b[0]),
						c:    unsafe.Pointer(&c.data()[0]),
						aRow: 4 * k, cRow: 4 * cols, aPlane: 4 * 31 * k, bPlane: 4 *
							3, cPlane: 4 * rows * cols,
						rows: rows, k: k, panels: cols / 16, planes: planes,
					})
					c.check(t, name)
					for p := range planes {
						want, size := make([]float64, rows*cols), make([]float64, rows*cols)
						for i := range want {
							for l := range k {
								v := float64(a[(p*31+i/cols)*k+l]) * float64(matrix[l*cols+i%cols])
								want[i] += v
								size[i] += max(v, -v)
							}
						}
						within(t, name, c.data()[p*rows*cols:][:rows*cols], want, size, float64(k))
					}
					for i, v := range last {
						if c.data()[i] != v {
							t.Fatalf("%s: row %d is not that of fewer rows", name, i/cols)
						}
					}
					last = append(last[:0], c.data()[:rows*cols]...)
				}
			}
		}
		for _, rows := range []int{16, 32, 48, 64, 80} {
			for _, cols := range []int{16, 32, 48} {
				for k := 1; k < 6; k++ {
					for add := range 2 {
						name := fmt.Sprintf("%d×%d transposed by %d×%d, add %d", k, rows, k, cols,
							add)
						a := normal32(rng, planes*k*rows, rng.IntN(16))
						b := normal32(rng, planes*k*cols, rng.IntN(16))
						c := newGuard(planes*rows*cols, rng.IntN(16))
						copy(c.data(), normal32(rng, planes*rows*cols, 0))
						want := make([]float64, planes*rows*cols)
						size := make([]float64, planes*rows*cols)
						for i := range want {
							v := float64(add) * float64(c.data()[i])
							want[i], size[i] = v, max(v, -v)
							p, row, col := i/(rows*cols), i/cols%rows, i%cols
							for l := range k {
								v := float64(a[(p*k+l)*rows+row]) * float64(b[(p*k+l)*cols+col])
								want[i] += v
								size[i] += max(v, -v)
							}
						}
						winogradOuterVector(&winogradProduct{
							a: unsafe.Pointer(&a[0]), b: unsafe.Pointer(&b[0]),
							c:    unsafe.Pointer(&c.data()[0]),
							aRow: 4 * rows, bRow: 4 * cols, cRow: 4 * cols,
							aPlane: 4 * k * rows, bPlane: 4 * k * cols, cPlane: 4 * rows * cols,
							rows: rows, k: k, panels: cols / 16, planes: planes, add: add,
						})
						c.check(t, name)
						within(t, name, c.data(), want, size, float64(k+1))
					}
				}
			}
		}
	})
}
