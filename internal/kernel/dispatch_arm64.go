package kernel

// implementations lists what this architecture has, fastest first. NEON belongs to it.
var implementations = []implementation{
	{"neon", func() bool { return true }, func(on bool) { useVectors = on }},
	goImplementation,
}

// useVectors selects the vector kernels, those of NEON.
var useVectors bool
