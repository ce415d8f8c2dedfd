//go:build !amd64.v3

package builtin_test

// fuses says whether the compiler makes one rounding of a product and a sum
// where it likes.
const fuses = false
