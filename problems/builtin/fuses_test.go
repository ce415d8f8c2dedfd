//go:build !amd64 || amd64.v3

package builtin_test

// fuses says whether the compiler makes one rounding of a product and a sum
// where it likes, as Go's does on these processors.
const fuses = true
