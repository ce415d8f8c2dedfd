package kernel

import (
	"fmt"
	"os"
)

// An implementation is one way to compute what the plain Go loops define.
type implementation struct {
	name      string
	supported func() bool
	enable    func(bool)
}

// goImplementation is always there.
var goImplementation = implementation{"go", func() bool { return true }, func(bool) {}}

// active names the implementation in use.
var active string

// Implementation returns the name of the implementation in use: "avx512",
// "avx2", "neon" or "go". It is the fastest one that the processor has, unless
// the environment variable CSDM_SIMD forces another.
func Implementation() string { return active }

func init() {
	name := os.Getenv("CSDM_SIMD")
	if name == "" {
		for _, im := range implementations {
			if im.supported() {
				name = im.name
				break
			}
		}
	}
	force(name)
}

// force puts the named implementation into use. It panics if that is not
// possible. Filters of another implementation may not be used any more.
func force(name string) {
	var known []string
	for _, im := range implementations {
		known = append(known, im.name)
		if im.name == name && !im.supported() {
			panic(fmt.Sprintf("kernel: CSDM_SIMD=%s: this processor does not support it", name))
		}
	}
	found := false
	for _, im := range implementations {
		im.enable(im.name == name)
		found = found || im.name == name
	}
	if !found {
		panic(fmt.Sprintf("kernel: CSDM_SIMD=%s: unknown; this build has %v", name, known))
	}
	active = name
}
