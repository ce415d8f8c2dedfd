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
	"strings"
	"unicode/utf8"

	"csdm/internal/repository"
)

// Limits of code.
const (
	commentWidth = 80  // of nine comment lines in ten
	codeWidth    = 100 // of all lines but widePercent
	lineWidth    = 120 // of every line
	widePercent  = 0.5
	idiomMost    = 3 // per 10,000 words of comments, in each class
)

// idioms are turns of phrase that make a comment hard to read, with what to
// write instead.
var idioms = []struct {
	name, instead string
	pattern       *regexp.Regexp
}{
	{"those of, that of, theirs", "name the noun again",
		regexp.MustCompile(`(?i)\b(those|that)\s+of\b|\btheirs\b`)},
	{"what is, what it, …", "name the thing",
		regexp.MustCompile(`(?i)\bwhat\s+(is|are|was|were|has|had|it|they|we|one)\b`)},
	{"says, tells, asks", "reports, states, returns, requests",
		regexp.MustCompile(`(?i)\b(says?|said|tells?|told|asks?|asked)\b`)},
	{"so many, that many", "n", regexp.MustCompile(`(?i)\b(so|that)\s+many\b`)},
	{"law", "distribution", regexp.MustCompile(`(?i)\blaws?\b`)},
	{"goes on", "resumes, continues", regexp.MustCompile(`(?i)\b(go|goes|going|went|gone)\s+on\b`)},
	{"anew, besides, beforehand, aside", "again, also, first",
		regexp.MustCompile(`(?i)\b(anew|besides?|beforehand|aside)\b`)},
	{"is had", "is available", regexp.MustCompile(`(?i)\b(is|are|was|were|be)\s+had\b`)},
	{"in place of, but for, comes of", "instead of, except, comes from",
		regexp.MustCompile(`(?i)\bin\s+place\s+of\b|\bbut\s+for\b|\bcomes?\s+of\b`)},
}

// counts holds the measures of Go files.
type counts struct {
	lines, wide, words int
	long               []string // lines beyond lineWidth, file:line
	comments           []int    // width of each comment line
	idioms             []int
	silent             int // exported predicates that report nothing
	places             []string
}

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
	for i, line := range strings.Split(strings.TrimSuffix(string(source), "\n"), "\n") {
		n, trimmed := columns(line), strings.TrimSpace(line)
		c.lines++
		directive := strings.HasPrefix(trimmed, "//go:") // cannot be broken
		if n > lineWidth && !directive {
			c.long = append(c.long, fmt.Sprintf("%s:%d", path, i+1))
		}
		switch {
		case directive:
		case strings.HasPrefix(trimmed, "//"):
			if c.comments = append(c.comments, n); n > commentWidth {
				place(i+1, "comment of %d columns", n)
			}
		case n > codeWidth:
			c.wide++
			place(i+1, "line of %d columns", n)
		}
	}
	for _, group := range parsed.Comments {
		text := group.Text()
		c.words += len(word.FindAllString(text, -1))
		for k, idiom := range idioms {
			for _, found := range idiom.pattern.FindAllString(text, -1) {
				c.idioms[k]++
				place(set.Position(group.Pos()).Line, "%q: write %s",
					strings.Join(strings.Fields(found), " "), idiom.instead)
			}
		}
	}
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
	slices.Sort(c.comments)
	if p90 := quantile(c.comments, 0.9); p90 > commentWidth {
		faults = append(faults,
			fmt.Sprintf("a tenth of the comment lines has %d columns or more; at most %d", p90,
				commentWidth))
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
	for k, idiom := range idioms {
		if rate := c.rate(k); rate > idiomMost {
			faults = append(faults,
				fmt.Sprintf("%q: %.1f per 10,000 words of comments; at most %d: write %s",
					idiom.name, rate, idiomMost, idiom.instead))
		}
	}
	if c.silent > 0 {
		faults = append(faults,
			fmt.Sprintf("%d exported predicates whose comments lack \"reports whether\"", c.silent))
	}
	return faults
}

func (c *counts) rate(k int) float64 {
	return 1e4 * float64(c.idioms[k]) / float64(max(1, c.words))
}

// measureCode measures the Go files of folders, and returns what exceeds a
// limit.
func measureCode(w io.Writer, folders []string, where bool) ([]string, error) {
	c := counts{idioms: make([]int, len(idioms))}
	for _, folder := range folders {
		files, err := repository.Files(folder)
		if err != nil {
			return nil, err
		}
		for _, name := range files {
			if path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") ||
				strings.Contains("/"+name, "/testdata/") {
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
	faults := c.faults()
	fmt.Fprintf(w,
		"%d lines, %d over %d columns; %d comment lines, width %d (p50), %d (p90), %d (widest); "+
			"%d words of comments\n",
		c.lines, c.wide, codeWidth, len(c.comments), quantile(c.comments, 0.5),
		quantile(c.comments, 0.9), quantile(c.comments, 1), c.words)
	for k, idiom := range idioms {
		fmt.Fprintf(w, "  %-34s %5.1f per 10,000 words\n", idiom.name, c.rate(k))
	}
	if where {
		for _, place := range c.places {
			fmt.Fprintln(w, place)
		}
	}
	return faults, nil
}
