//go:build !amd64

package kernel

var implementations = []implementation{goImplementation}

const useAVX2, useAVX512 = false, false
