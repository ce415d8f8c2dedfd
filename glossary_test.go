package csdm_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"csdm/internal/repository"
)

// TestGlossary holds exported names, flags, and keys of TOML, JSON and NPZ
// files to the table "Names" of docs/reference/glossary.md: a word of its first
// column may occur only in the names that its last column lists.
func TestGlossary(t *testing.T) {
	page, err := os.ReadFile("docs/reference/glossary.md")
	if err != nil {
		t.Fatal(err)
	}
	rules := readRules(t, string(page))
	seen := map[string]bool{}
	check := func(where, name string) {
		words := wordsOf(name)
		for k := range rules {
			r := &rules[k]
			if !contains(words, r.word) {
				continue
			}
			if allows(r.except, name) {
				seen[name] = true
				continue
			}
			t.Errorf("%s: %q uses the word %q; write %s (docs/reference/glossary.md)", where,
				name, r.text, r.instead)
		}
	}
	names(t, check)
	for _, r := range rules {
		for _, name := range r.except {
			if !seen[name] {
				t.Errorf("the glossary excepts %q from %q, and no such name exists", name, r.text)
			}
		}
	}
}

type rule struct {
	text, instead string
	word, except  []string
}

// readRules reads the rows "| `word` | instead | `except`, … |" behind the
// heading "Names".
func readRules(t *testing.T, page string) (rules []rule) {
	_, page, found := strings.Cut(page, "\n## Names\n")
	if !found {
		t.Fatal("the glossary has no section Names")
	}
	code := regexp.MustCompile("`([^`]+)`")
	for _, line := range strings.Split(page, "\n") {
		cells := strings.Split(strings.Trim(line, "| "), "|")
		if len(cells) != 3 || !strings.HasPrefix(cells[0], "`") {
			continue
		}
		for _, w := range code.FindAllStringSubmatch(cells[0], -1) {
			r := rule{text: w[1], instead: strings.TrimSpace(cells[1]), word: wordsOf(w[1])}
			for _, e := range code.FindAllStringSubmatch(cells[2], -1) {
				r.except = append(r.except, e[1])
			}
			rules = append(rules, r)
		}
	}
	if len(rules) < 10 {
		t.Fatalf("%d rules were read", len(rules))
	}
	return rules
}

// names calls check with each exported name, flag and key of a file in the
// packages' sources, tests left out.
func names(t *testing.T, check func(where, name string)) {
	fset := token.NewFileSet()
	for _, path := range sources(t) {
		f, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		public := !strings.HasPrefix(path, "internal/") && !strings.HasPrefix(path, "cmd/")
		ast.Inspect(f, func(n ast.Node) bool {
			where := func() string { return fset.Position(n.Pos()).String() }
			switch n := n.(type) {
			case *ast.FuncDecl:
				if public && n.Name.IsExported() {
					check(where(), n.Name.Name)
				}
			case *ast.TypeSpec:
				if public && n.Name.IsExported() {
					check(where(), n.Name.Name)
				}
			case *ast.ValueSpec:
				for _, name := range n.Names {
					if public && name.IsExported() {
						check(where(), name.Name)
					}
				}
			case *ast.Field:
				for _, name := range n.Names {
					if public && name.IsExported() {
						check(where(), name.Name)
					}
				}
				if n.Tag != nil {
					tag, _ := strconv.Unquote(n.Tag.Value)
					for _, kind := range []string{"json", "toml"} {
						key, _, _ := strings.Cut(reflect.StructTag(tag).Get(kind), ",")
						check(where()+" "+kind, key)
					}
				}
			case *ast.CallExpr:
				if flag, ok := flagName(n); ok {
					check(where()+" flag", flag)
				}
			}
			return true
		})
	}
}

// sources returns the Go files of the packages, tests left out.
func sources(t *testing.T) []string {
	t.Helper()
	files, err := repository.Files(".")
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(files, func(file string) bool {
		return !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") ||
			strings.Contains("/"+file, "/testdata/")
	})
}

var flagMethod = regexp.MustCompile(`^(Bool|Int|Uint64|Float64|String|StringArray|Duration)VarP?$`)

// flagName returns the name in a call such as f.IntVar(&n, "draws", …).
func flagName(c *ast.CallExpr) (string, bool) {
	s, ok := c.Fun.(*ast.SelectorExpr)
	if !ok || !flagMethod.MatchString(s.Sel.Name) || len(c.Args) < 3 {
		return "", false
	}
	lit, ok := c.Args[1].(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	name, err := strconv.Unquote(lit.Value)
	return name, err == nil
}

// wordsOf splits a name at case changes, dashes and underscores: "SigmaMax",
// "sigma-max" and "sigma_max" are the words sigma and max.
func wordsOf(name string) (words []string) {
	var word []rune
	flush := func() {
		if len(word) > 0 {
			words = append(words, strings.ToLower(string(word)))
		}
		word = word[:0]
	}
	runes := []rune(name)
	for i, r := range runes {
		switch {
		case r == '_' || r == '-' || r == '.' || r == ' ':
			flush()
			continue
		case unicode.IsUpper(r) && i > 0 && (unicode.IsLower(runes[i-1]) ||
			i+1 < len(runes) && unicode.IsLower(runes[i+1])):
			flush()
		}
		word = append(word, r)
	}
	flush()
	return words
}

// contains reports whether phrase occurs in words.
func contains(words, phrase []string) bool {
	for i := 0; i+len(phrase) <= len(words); i++ {
		same := true
		for k := range phrase {
			same = same && words[i+k] == phrase[k]
		}
		if same {
			return true
		}
	}
	return false
}
