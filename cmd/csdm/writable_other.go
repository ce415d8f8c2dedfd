//go:build !unix

package main

import "os"

// writable returns an error if a folder is not there; whether files can be made
// in it, writing them will tell.
func writable(folder string) error {
	_, err := os.Stat(folder)
	return err
}
