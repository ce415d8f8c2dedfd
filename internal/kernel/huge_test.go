package kernel

import (
	"runtime"
	"testing"
)

func TestHugeFloats(t *testing.T) {
	owner := new([16]byte)
	v := HugeFloats(owner, 3<<20)
	for k, x := range v {
		if x != 0 {
			t.Fatalf("element %d begins as %v", k, x)
		}
		v[k] = float32(k)
	}
	runtime.GC()
	if len(v) != 3<<20 || v[1<<20] != 1<<20 {
		t.Errorf("%d elements; one is %v", len(v), v[1<<20])
	}
	runtime.KeepAlive(owner)
}

// TestOnHugePages checks that memory on huge pages, and its neighbors, keep
// their values.
func TestOnHugePages(t *testing.T) {
	var arrays [][]float32
	for size := 1; size < 1<<21; size *= 3 {
		v := make([]float32, size)
		v[0], v[size-1] = 1, float32(size)
		arrays = append(arrays, OnHugePages(v))
	}
	if got := OnHugePages([]float32(nil)); got != nil {
		t.Errorf("no memory became %v", got)
	}
	runtime.GC()
	for _, v := range arrays {
		if n := len(v); v[n-1] != float32(n) || n > 2 && (v[0] != 1 || v[n/2] != 0) {
			t.Errorf("array of %d holds %v … %v … %v", n, v[0], v[n/2], v[n-1])
		}
	}
}
