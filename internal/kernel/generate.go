//go:build ignore

// This program writes the generated files of package kernel.
package main

import (
	"log"
	"os"

	"csdm/internal/kernel/gen"
)

func main() {
	for name, content := range gen.Files() {
		if err := os.WriteFile(name, content, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}
