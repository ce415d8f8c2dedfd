//go:build unix

package docs

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"csdm/internal/repository"
)

// TestPrograms builds each Go program of the pages in a module of its own, as
// somebody who uses csdm's packages does.
func TestPrograms(t *testing.T) {
	repository, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	built := 0
	for _, name := range pages(t) {
		page, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		found, _ := blocks(string(page))
		for _, b := range found {
			if b.language != "go" || !strings.HasPrefix(b.text, "package main\n") {
				continue
			}
			dir := t.TempDir()
			for file, text := range map[string]string{
				"main.go": b.text,
				"go.mod":  "module example.org/mine\n\ngo 1.26.0\n",
				"go.work": "go 1.26.0\n\nuse (\n\t.\n\t" + repository + "\n)\n",
			} {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			built++
			command(t, dir, []string{"GOWORK=" + filepath.Join(dir, "go.work")}, "go", "run", ".")
			if t.Failed() {
				t.Fatalf("%s:%d: the program above fails", name, b.line)
			}
		}
	}
	if built == 0 {
		t.Error("no page holds a program")
	}
}

// TestSnippets holds that the names of packages in the Go blocks that are no
// programs exist: pkg.Name, and Field: in a literal.
func TestSnippets(t *testing.T) {
	source := map[string]string{} // of all packages of one name
	files, err := repository.Files(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if path.Ext(name) != ".go" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		source[path.Base(path.Dir(name))] += string(text)
	}
	qualified := regexp.MustCompile(`\b([a-z]\w*)\.([A-Z]\w*)`)
	field := regexp.MustCompile(`\b([A-Z]\w*):`)
	checked := 0
	for _, name := range pages(t) {
		page, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		found, _ := blocks(string(page))
		for _, b := range found {
			if b.language != "go" || strings.HasPrefix(b.text, "package main\n") {
				continue
			}
			used := ""
			for _, m := range qualified.FindAllStringSubmatch(b.text, -1) {
				text, ours := source[m[1]]
				used += text
				checked++
				declared := regexp.MustCompile(`(?m)^(func|type) ` + m[2] + `\b|^\t` + m[2] + `\b`)
				if ours && !declared.MatchString(text) {
					t.Errorf("%s:%d: package %s declares no %s", name, b.line, m[1], m[2])
				}
			}
			for _, m := range field.FindAllStringSubmatch(b.text, -1) {
				checked++
				declared := regexp.MustCompile(`(?m)(^\t|struct\{ )(\w+, )*` + m[1] + `\b`)
				if !declared.MatchString(used) {
					t.Errorf("%s:%d: no package of this block has a field %s", name, b.line, m[1])
				}
			}
		}
	}
	if checked < 10 {
		t.Errorf("only %d names were checked", checked)
	}
}
