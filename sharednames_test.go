package csdm_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestSharedNames compares the exported types whose names several packages use
// with the table "Shared names of types" of docs/reference/glossary.md: such a
// name has one idea, which the table gives. Exercises of the course and their
// solutions share names on purpose, and an alias is no type of its own.
func TestSharedNames(t *testing.T) {
	page, err := os.ReadFile("docs/reference/glossary.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "\n## Shared names of types\n")
	table, _, _ = strings.Cut(table, "\n## ")
	explained := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\|").FindAllStringSubmatch(table, -1) {
		explained[m[1]] = true
	}
	folders := map[string]map[string]bool{} // of each name
	set := token.NewFileSet()
	for _, file := range sources(t) {
		if strings.HasPrefix(file, "course/") {
			continue
		}
		parsed, err := parser.ParseFile(set, file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			s, ok := n.(*ast.TypeSpec)
			if ok && s.Name.IsExported() && !s.Assign.IsValid() {
				if folders[s.Name.Name] == nil {
					folders[s.Name.Name] = map[string]bool{}
				}
				folders[s.Name.Name][path.Dir(file)] = true
			}
			return true
		})
	}
	for _, name := range slices.Sorted(maps.Keys(folders)) {
		switch shared := len(folders[name]) > 1; {
		case shared && !explained[name]:
			t.Errorf("%v have a type %s; rename those that mean another thing, or give the idea "+
				"in docs/reference/glossary.md", slices.Sorted(maps.Keys(folders[name])), name)
		case !shared && explained[name]:
			t.Errorf("the glossary lists %s as shared, and one package has it", name)
		}
	}
}
