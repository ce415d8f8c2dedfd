package csdm_test

import (
	"fmt"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// numbered returns the names of all equations, of the algorithm and of all
// tables of the paper.
func numbered() (names []string) {
	for n := 1; n <= 28; n++ {
		names = append(names, fmt.Sprint(n))
	}
	for n := 1; n <= 10; n++ {
		names = append(names, fmt.Sprintf("A.%d", n))
	}
	names = append(names, "Algorithm 1")
	for n := 1; n <= 11; n++ {
		names = append(names, fmt.Sprintf("Table %d", n))
	}
	return names
}

var (
	declared = regexp.MustCompile("^`([^`]+\\.go)`, `(\\w+)`$")
	pictured = regexp.MustCompile(`^\[[^\]]+\]\(([^)]+\.(svg|png))\)$`)
	reasoned = regexp.MustCompile(`^none: \S+ \S+`)
)

// mapFaults returns the faults of a map of equations: numbers without a
// row or with two, and cells that give neither a thing that exists nor the
// reason for none. read returns the text of a file.
func mapFaults(page string, numbers []string, read func(file string) (string, error)) []string {
	var faults, listed []string
	for _, line := range strings.Split(page, "\n") {
		cells := strings.Split(line, " | ")
		if len(cells) != 5 || !strings.HasPrefix(line, "| ") || cells[0] == "| number" {
			continue
		}
		name := strings.TrimPrefix(cells[0], "| ")
		listed = append(listed, name)
		fault := func(what string) { faults = append(faults, name+": "+what) }
		for k, cell := range cells[2:4] {
			cell = strings.TrimSpace(cell)
			m := declared.FindStringSubmatch(cell)
			if m == nil {
				if !reasoned.MatchString(cell) {
					fault("neither a place nor a reason: " + cell)
				}
				continue
			}
			text, err := read(m[1])
			isTest := strings.HasSuffix(m[1], "_test.go") && strings.HasPrefix(m[2], "Test")
			switch {
			case err != nil:
				fault(err.Error())
			case !regexp.MustCompile(`(?m)^(func (\([^)]*\) )?|type )` + m[2] + `\b`).
				MatchString(text):
				fault(m[1] + " does not declare " + m[2])
			case isTest != (k == 1):
				fault(m[1] + " stands in the wrong column")
			}
		}
		picture := strings.TrimSuffix(strings.TrimSpace(cells[4]), " |")
		if m := pictured.FindStringSubmatch(picture); m != nil {
			if _, err := read(path.Join("docs/reference", m[1])); err != nil {
				fault(err.Error())
			}
		} else if !reasoned.MatchString(picture) {
			fault("neither a picture nor a reason: " + picture)
		}
	}
	for _, number := range numbers {
		if n := len(slices.DeleteFunc(slices.Clone(listed), func(s string) bool {
			return s != number
		})); n != 1 {
			faults = append(faults, fmt.Sprintf("%s has %d rows", number, n))
		}
	}
	return faults
}

// TestEquations holds the map of equations, docs/reference/equations.md.
func TestEquations(t *testing.T) {
	page, err := os.ReadFile("docs/reference/equations.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range mapFaults(string(page), numbered(), func(file string) (string, error) {
		text, err := os.ReadFile(file)
		return string(text), err
	}) {
		t.Error(fault)
	}
}

// TestEquationFaults gives the check a map with each kind of fault.
func TestEquationFaults(t *testing.T) {
	files := map[string]string{"a/b.go": "func F() {}\n", "a/b_test.go": "func TestF(t " +
		"*testing.T) {}\n",
		"docs/reference/p.svg": "p"}
	read := func(file string) (string, error) {
		if text, ok := files[file]; ok {
			return text, nil
		}
		return "", fmt.Errorf("no file %s", file)
	}
	page := "| 1 | right | `a/b.go`, `F` | `a/b_test.go`, `TestF` | [p](p.svg) |\n" +
		"| 2 | reasons | none: of a | none: of b | none: of c |\n" +
		"| 3 | nothing | – | `a/c_test.go`, `TestF` | [p](q.svg) |\n" +
		"| 4 | symbol | `a/b.go`, `G` | `a/b.go`, `F` | none |\n" +
		"| 4 | twice | none: of a | none: of b | none: of c |\n"
	want := []string{"3: neither a place nor a reason: –", "3: no file a/c_test.go",
		"3: no file docs/reference/q.svg", "4: a/b.go does not declare G",
		"4: a/b.go stands in the wrong column", "4: neither a picture nor a reason: none",
		"4 has 2 rows", "5 has 0 rows"}
	got := mapFaults(page, []string{"1", "2", "3", "4", "5"}, read)
	if !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}
