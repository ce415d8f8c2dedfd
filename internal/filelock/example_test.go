package filelock_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"csdm/internal/filelock"
)

// Only one process at a time makes a dataset. Another one would wait in Hold.
func ExampleHold() {
	folder, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "dataset.lock")
	release, err := filelock.Hold(context.Background(), path,
		func(line string) { fmt.Println(line) })
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("making the dataset")
	fmt.Println("released:", release())
	// Output:
	// making the dataset
	// released: <nil>
}
