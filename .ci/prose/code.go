package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"csdm/internal/repository"
)

// Limits of code.
const (
	commentWidth = 80  // of every comment line, except expected output
	codeWidth    = 100 // of all lines but widePercent
	lineWidth    = 120 // of every line
	widePercent  = 0.5
)

// counts holds the measures of Go files.
type counts struct {
	lines, wide  int
	long         []string // lines beyond lineWidth, file:line
	comments     []int    // width of each comment line
	wideComments []string // comments beyond commentWidth, file:line
	silent       int      // exported predicates that report nothing
	spoken       [2]tally // idioms of comments and of messages
	places       []string
}

func newCounts() *counts {
	return &counts{spoken: [2]tally{{kind: "comments"}, {kind: "messages"}}}
}

var output = regexp.MustCompile(`^// (Unordered output|Output):`)

var generated = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)

func columns(line string) int {
	return utf8.RuneCountInString(line) + 3*strings.Count(line, "\t")
}

// file adds a Go file.
func (c *counts) file(path string, source []byte) error {
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, path, source,
		parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	place := func(line int, format string, args ...any) {
		c.places = append(c.places, fmt.Sprintf("%s:%d: ", path, line)+fmt.Sprintf(format, args...))
	}
	fixed := false // a line of an example's expected output, or a directive
	for i, line := range strings.Split(strings.TrimSuffix(string(source), "\n"), "\n") {
		n, trimmed := columns(line), strings.TrimSpace(line)
		c.lines++
		comment := strings.HasPrefix(trimmed, "//")
		fixed = comment && (fixed || output.MatchString(trimmed))
		switch {
		case fixed || strings.HasPrefix(trimmed, "//go:"): // cannot be broken
			continue
		case comment:
			if c.comments = append(c.comments, n); n > commentWidth {
				c.wideComments = append(c.wideComments, fmt.Sprintf("%s:%d", path, i+1))
				place(i+1, "comment of %d columns", n)
			}
		case n > codeWidth:
			c.wide++
			place(i+1, "line of %d columns", n)
		}
		if n > lineWidth {
			c.long = append(c.long, fmt.Sprintf("%s:%d", path, i+1))
		}
	}
	c.texts(parsed, strings.HasSuffix(path, "_test.go"), func(at token.Pos, fault string) {
		place(set.Position(at).Line, "%s", fault)
	})
	for _, decl := range parsed.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if ok && f.Name.IsExported() && isPredicate(f.Type) && f.Doc != nil &&
			!strings.Contains(strings.Join(strings.Fields(f.Doc.Text()), " "), "reports whether") {
			c.silent++
			place(set.Position(f.Pos()).Line,
				"%s returns a bool; its comment must hold \"reports whether\"", f.Name.Name)
		}
	}
	return nil
}

// texts counts the idioms of comments, and of the string literals that hold
// words: errors, help, captions.
func (c *counts) texts(parsed *ast.File, test bool, note func(at token.Pos, fault string)) {
	for _, group := range parsed.Comments {
		c.spoken[0].add(group.Text(), func(fault string) { note(group.Pos(), fault) })
	}
	if test {
		return // its strings are inputs, and failures that few read
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		if _, ok := n.(*ast.ImportSpec); ok {
			return false
		}
		if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			if text, err := strconv.Unquote(literal.Value); err == nil &&
				strings.Contains(text, " ") {
				c.spoken[1].add(text, func(fault string) { note(literal.Pos(), fault) })
			}
		}
		return true
	})
}

// isPredicate reports whether a function has one result, a bool.
func isPredicate(f *ast.FuncType) bool {
	if f.Results.NumFields() != 1 {
		return false
	}
	name, ok := f.Results.List[0].Type.(*ast.Ident)
	return ok && name.Name == "bool"
}

// faults returns the limits that c exceeds.
func (c *counts) faults() []string {
	var faults []string
	if len(c.wideComments) > 0 {
		faults = append(faults, fmt.Sprintf("comments of more than %d columns: %s", commentWidth,
			strings.Join(c.wideComments, ", ")))
	}
	if percent := 100 * float64(c.wide) / float64(max(1, c.lines)); percent > widePercent {
		faults = append(faults,
			fmt.Sprintf("%.1f %% of the lines have more than %d columns; at most %g %%", percent,
				codeWidth, widePercent))
	}
	if len(c.long) > 0 {
		faults = append(faults, fmt.Sprintf("lines of more than %d columns: %s", lineWidth,
			strings.Join(c.long, ", ")))
	}
	for k := range c.spoken {
		faults = append(faults, c.spoken[k].faults()...)
	}
	if c.silent > 0 {
		faults = append(faults,
			fmt.Sprintf("%d exported predicates whose comments lack \"reports whether\"", c.silent))
	}
	return faults
}

// measureCode measures the Go files of folders, and returns what exceeds a
// limit.
func measureCode(w io.Writer, folders []string, where bool) ([]string, error) {
	c := newCounts()
	for _, folder := range folders {
		files, err := repository.Files(folder)
		if err != nil {
			return nil, err
		}
		for _, name := range files {
			if path.Ext(name) != ".go" {
				continue
			}
			file := filepath.Join(folder, name)
			source, err := os.ReadFile(file)
			if err != nil {
				return nil, err
			}
			if generated.Match(source) {
				continue
			}
			err = c.file(file, bytes.ReplaceAll(source, []byte("\r\n"), []byte("\n")))
			if err != nil {
				return nil, err
			}
		}
	}
	slices.Sort(c.comments)
	fmt.Fprintf(w,
		"%d lines, %d over %d columns; %d comment lines, width %d (p50), %d (p90), %d (widest)\n",
		c.lines, c.wide, codeWidth, len(c.comments), quantile(c.comments, 0.5),
		quantile(c.comments, 0.9), quantile(c.comments, 1))
	for k := range c.spoken {
		c.spoken[k].write(w)
	}
	if where {
		for _, place := range c.places {
			fmt.Fprintln(w, place)
		}
	}
	return c.faults(), nil
}
