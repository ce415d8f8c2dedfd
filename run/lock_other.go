//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package run

import "os"

// lock grants all: there is no lock here that ends with its process.
func lock(*os.File) error { return nil }
