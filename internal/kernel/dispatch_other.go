//go:build !amd64

package kernel

var implementations = []implementation{goImplementation}

const useVectors, useAVX512 = false, false
