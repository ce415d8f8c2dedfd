// Command house measures the Go files of folders, one row per measure, so that
// this repository can be compared with others. docs/reference/house.md holds
// the table.
//
//	go run ./.ci/house DIR ...
//
// Generated files, testdata, and folders that git ignores are left out. A tab
// counts as four columns. All measures but two are of files that are no tests:
// the lines of tests, and the examples.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"csdm/internal/repository"
)

var generated = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)

func main() {
	folders := os.Args[1:]
	if len(folders) == 0 {
		folders = []string{"."}
	}
	for _, folder := range folders {
		m, err := measure(folder)
		if err != nil {
			fmt.Fprintln(os.Stderr, "house:", err)
			os.Exit(1)
		}
		fmt.Println(folder)
		for _, r := range m.rows() {
			fmt.Printf("  %-48s %s\n", r.name, r.value)
		}
	}
}

// measure measures the Go files of a folder and of the folders in it.
func measure(folder string) (*measures, error) {
	files, err := repository.Files(folder)
	if err != nil {
		return nil, err
	}
	m := newMeasures()
	for _, name := range files {
		if filepath.Ext(name) != ".go" || strings.Contains("/"+name, "/testdata/") {
			continue
		}
		source, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			return nil, err
		}
		if generated.Match(source) {
			continue
		}
		if err := m.file(name, string(source)); err != nil {
			return nil, err
		}
	}
	return m, nil
}
