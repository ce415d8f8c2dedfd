package kernel

import (
	"math/rand/v2"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Kernels do not read past their slices either. Every slice ends where a
// protected page begins, or begins where one ends.
func TestNothingOutsideIsRead(t *testing.T) {
	page := unix.Getpagesize()
	eachImplementation(t, func(t *testing.T) {
		for _, atEnd := range []bool{true, false} {
			rng := rand.New(rand.NewPCG(18, 19))
			everything(
				func(n int) []float32 {
					size := (4*n + page - 1) / page * page
					memory, err := unix.Mmap(-1, 0, size+2*page, unix.PROT_READ|unix.PROT_WRITE,
						unix.MAP_ANON|unix.MAP_PRIVATE)
					if err != nil {
						t.Fatal(err)
					}
					t.Cleanup(func() { unix.Munmap(memory) })
					for _, guard := range [][]byte{memory[:page], memory[page+size:]} {
						if err := unix.Mprotect(guard, unix.PROT_NONE); err != nil {
							t.Fatal(err)
						}
					}
					if n == 0 {
						return nil
					}
					start := page
					if atEnd {
						start += size - 4*n
					}
					return unsafe.Slice((*float32)(unsafe.Pointer(&memory[start])), n)
				},
				func(x []float32) {
					for i := range x {
						x[i] = float32(rng.NormFloat64())
					}
				})
		}
	})
}
