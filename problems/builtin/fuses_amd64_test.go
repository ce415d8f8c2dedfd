//go:build !amd64.v3

package builtin_test

// fuses reports whether the compiler may round a product and a sum once instead
// of twice.
const fuses = false
