package kernel

import "github.com/klauspost/cpuid/v2"

// implementations lists what this architecture has, fastest first.
var implementations = []implementation{
	{"avx2", func() bool { return cpuid.CPU.Supports(cpuid.AVX2, cpuid.FMA3) }, func(on bool) { useAVX2 = on }},
	goImplementation,
}

// useAVX2 selects the AVX2 and FMA kernels for float32.
var useAVX2 bool
