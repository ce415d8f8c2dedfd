package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// measures holds the measures of Go files.
type measures struct {
	fileLines      []int // of each file
	lines, wide    int   // all, and those over 100 columns that are no comments
	comments       []int // width of each comment line
	testLines      int
	examples       int
	todo           int
	exported, bare int             // functions, methods and types; without a comment
	names          int             // exported functions, methods, types, constants, variables
	functions      []int           // lines of each
	long           []listed        // functions with six or more parameters
	types          map[string]dirs // exported types by name
}

// listed is a function with its number of parameters.
type listed struct {
	place      string // file:line, name
	parameters int
}

type dirs map[string]bool

func newMeasures() *measures { return &measures{types: map[string]dirs{}} }

// file adds a Go file.
func (m *measures) file(name, source string) error {
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, name, source,
		parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	lines := strings.Split(strings.TrimSuffix(source, "\n"), "\n")
	m.todo += strings.Count(source, "TODO") + strings.Count(source, "FIXME")
	if strings.HasSuffix(name, "_test.go") {
		m.testLines += len(lines)
		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && strings.HasPrefix(f.Name.Name, "Example") {
				m.examples++
			}
		}
		return nil
	}
	m.fileLines = append(m.fileLines, len(lines))
	m.lines += len(lines)
	for _, line := range lines {
		width := utf8.RuneCountInString(line) + 3*strings.Count(line, "\t")
		if strings.HasPrefix(strings.TrimSpace(line), "//") {
			m.comments = append(m.comments, width)
		} else if width > 100 {
			m.wide++
		}
	}
	for _, d := range parsed.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			m.function(set, d)
		case *ast.GenDecl:
			m.declaration(d, path.Dir(name))
		}
	}
	return nil
}

func (m *measures) function(set *token.FileSet, f *ast.FuncDecl) {
	m.functions = append(m.functions, set.Position(f.End()).Line-set.Position(f.Pos()).Line+1)
	if n := f.Type.Params.NumFields(); n >= 6 {
		m.long = append(m.long, listed{fmt.Sprint(set.Position(f.Pos()), ", ", f.Name.Name), n})
	}
	if f.Name.IsExported() {
		m.names++
		m.export(f.Doc != nil)
	}
}

func (m *measures) declaration(d *ast.GenDecl, dir string) {
	for _, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			if !s.Name.IsExported() {
				continue
			}
			m.names++
			m.export(s.Doc != nil || d.Doc != nil)
			if s.Assign.IsValid() || strings.HasPrefix(dir, "course") {
				continue // an alias; an exercise, whose solution has its names
			}
			if m.types[s.Name.Name] == nil {
				m.types[s.Name.Name] = dirs{}
			}
			m.types[s.Name.Name][dir] = true
		case *ast.ValueSpec:
			for _, name := range s.Names {
				if name.IsExported() {
					m.names++
				}
			}
		}
	}
}

func (m *measures) export(commented bool) {
	m.exported++
	if !commented {
		m.bare++
	}
}

// row is one measure.
type row struct{ name, value string }

// rows returns the measures in words.
func (m *measures) rows() []row {
	slices.Sort(m.fileLines)
	slices.Sort(m.comments)
	long := 0
	for _, n := range m.functions {
		if n > 60 {
			long++
		}
	}
	eight := 0
	for _, f := range m.long {
		if f.parameters >= 8 {
			eight++
		}
	}
	types, shared := 0, 0
	for _, d := range m.types {
		types += len(d)
		if len(d) > 1 {
			shared += len(d)
		}
	}
	share := func(n, of int) string { return fmt.Sprintf("%.1f %%", 100*ratio(n, of)) }
	return []row{
		{"lines of a file, median / max", fmt.Sprintf("%d / %d", at(m.fileLines, 0.5),
			at(m.fileLines, 1))},
		{"functions over 60 lines", fmt.Sprintf("%s (%d of %d)", share(long, len(m.functions)),
			long, len(m.functions))},
		{"TODO or FIXME, tests too", fmt.Sprint(m.todo)},
		{"comment width p50 / p90", fmt.Sprintf("%d / %d", at(m.comments, 0.5),
			at(m.comments, 0.9))},
		{"comment lines", share(len(m.comments), m.lines)},
		{"code lines over 100 columns", fmt.Sprintf("%d of %d", m.wide, m.lines)},
		{"test lines per code line", fmt.Sprintf("%.2f", ratio(m.testLines, m.lines))},
		{"Examples per 1,000 exported names", fmt.Sprintf("%.0f (%d)", 1000*ratio(m.examples,
			m.names), m.examples)},
		{"exported functions and types without a comment", share(m.bare, m.exported)},
		{"functions with 6 / 8 or more parameters", share(len(m.long), len(m.functions)) + " / " +
			share(eight, len(m.functions))},
		{"exported types that share a name", fmt.Sprintf("%d of %d", shared, types)},
	}
}

func ratio(n, of int) float64 { return float64(n) / float64(max(1, of)) }

// at returns the value at the fraction q of sorted values; 0 for none.
func at(sorted []int, q float64) int {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}
