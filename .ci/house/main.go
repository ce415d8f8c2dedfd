// Command house measures the Go files of folders, one row per measure, so that
// this repository can be compared with others. docs/reference/house.md holds
// the table.
//
//	go run ./.ci/house [-parameters N] DIR ...
//
// With -parameters N it also lists the functions with N or more parameters.
// Generated files, testdata, and folders that git ignores are left out. A tab
// counts as four columns. All measures but two are of files that are no tests:
// the lines of tests, and the examples.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"csdm/internal/repository"
)

var generated = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)

func main() {
	many := flag.Int("parameters", 0, "list the functions with N or more parameters")
	flag.Parse()
	folders := flag.Args()
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
		for _, f := range m.long {
			if *many > 0 && f.parameters >= *many {
				fmt.Printf("  %d parameters: %s\n", f.parameters, f.place)
			}
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
