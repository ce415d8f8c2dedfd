//go:build !amd64 && !arm64

package kernel

var implementations = []implementation{goImplementation}

const useVectors = false
