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
