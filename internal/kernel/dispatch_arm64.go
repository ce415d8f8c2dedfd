package kernel

// implementations lists the implementations of this architecture, fastest
// first. Every processor has NEON.
var implementations = []implementation{
	{"neon", func() bool { return true }, func(on bool) { useVectors = on }},
	goImplementation,
}

// useVectors selects the vector kernels, which are NEON's.
var useVectors bool
