//go:build !unix

package main

import "os"

// writable returns an error if a folder does not exist. An attempt to write
// shows whether files can be made in it.
func writable(folder string) error {
	_, err := os.Stat(folder)
	return err
}
