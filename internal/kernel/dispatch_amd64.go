package kernel

import "github.com/klauspost/cpuid/v2"

// implementations lists the implementations of this architecture, fastest
// first.
var implementations = []implementation{
	// avx512 comes first: it uses the kernels of avx2 where it has none of its
	// own.
	{"avx512", func() bool {
		return cpuid.CPU.Supports(cpuid.AVX2, cpuid.FMA3, cpuid.BMI2,
			cpuid.AVX512F, cpuid.AVX512DQ, cpuid.AVX512BW, cpuid.AVX512VL)
	}, func(on bool) { useAVX512 = on }},
	{"avx2", func() bool { return cpuid.CPU.Supports(cpuid.AVX2, cpuid.FMA3) },
		func(on bool) { useVectors = on || useAVX512 }},
	goImplementation,
}

// useVectors selects the vector kernels of AVX2 and FMA, or with useAVX512 the
// kernels of AVX-512.
var useVectors, useAVX512 bool
