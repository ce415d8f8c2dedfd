package kernel

import (
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// HugeFloats returns memory for n numbers, all zero, that lives as long as
// owner. It is on huge pages if the system has any: reading pairs of 25 kB from
// all over 1.6 GB is 3.5 times as fast on them. Go's own heap does not do,
// because it may be touched before it can be advised.
func HugeFloats[T any](owner *T, n int) []float32 {
	b, err := unix.Mmap(-1, 0, 4*n, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return make([]float32, n)
	}
	_ = unix.Madvise(b, unix.MADV_HUGEPAGE) // a failure only costs speed
	runtime.AddCleanup(owner, func(b []byte) { _ = unix.Munmap(b) }, b)
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(b))), n)
}
