package csdm_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// mapped are the packages whose doc.go must list their files. Any other
// package may.
var mapped = []string{"run", "calibrate", "table5", "accuracy", "tasks", "measured", "recipe"}

var fileLine = regexp.MustCompile(`(?m)^//\t((?:[a-z0-9_]+\.go(?:, )?)+)`)

// TestMaps compares the list of files in a package's doc.go with the folder.
func TestMaps(t *testing.T) {
	docs, err := filepath.Glob("*/doc.go")
	if err != nil {
		t.Fatal(err)
	}
	deeper, err := filepath.Glob("*/*/doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, doc := range append(docs, deeper...) {
		text, err := os.ReadFile(doc)
		if err != nil {
			t.Fatal(err)
		}
		dir := filepath.ToSlash(filepath.Dir(doc))
		var listed []string
		for _, m := range fileLine.FindAllStringSubmatch(string(text), -1) {
			listed = append(listed, strings.Split(m[1], ", ")...)
		}
		if len(listed) == 0 {
			if slices.Contains(mapped, dir) {
				t.Errorf("%s lists no files", doc)
			}
			continue
		}
		files, err := filepath.Glob(dir + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			name := filepath.Base(f)
			if name == "doc.go" || strings.HasSuffix(name, "_test.go") {
				continue
			}
			if k := slices.Index(listed, name); k < 0 {
				t.Errorf("%s does not list %s", doc, name)
			} else {
				listed = slices.Delete(listed, k, k+1)
			}
		}
		for _, name := range listed {
			t.Errorf("%s lists %s, which is not in the folder, or lists it twice", doc, name)
		}
	}
}
