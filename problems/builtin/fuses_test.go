//go:build !amd64 || amd64.v3

package builtin_test

// fuses reports whether the compiler may round a product and a sum once instead
// of twice, as Go's does on these processors.
const fuses = true
