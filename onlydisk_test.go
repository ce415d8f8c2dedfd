package csdm_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// changing are the functions that change a file system, by package. os.Open
// and os.ReadFile are not among them.
var changing = map[string][]string{
	"os": {
		"Chmod", "Chown", "Chtimes", "CopyFS", "Create", "CreateTemp", "Link", "Mkdir", "MkdirAll",
		"MkdirTemp",
		"NewFile", "OpenFile", "OpenInRoot", "OpenRoot", "Remove", "RemoveAll", "Rename", "Symlink",
		"Truncate", "WriteFile",
	},
	"syscall": {"Creat", "Ftruncate", "Fsync", "Link", "Mkdir", "Open", "Pwrite",
		"Rename", "Rmdir", "Truncate", "Unlink", "Write"},
	"golang.org/x/sys/unix": {"Creat", "Fsync", "Ftruncate", "Link", "Mkdir", "Open", "Openat",
		"Pwrite", "Rename", "Renameat", "Renameat2", "Rmdir", "Truncate", "Unlink", "Write"},
	"io/ioutil": {"TempDir", "TempFile", "WriteFile"},
}

// writers may call them: the layer itself, and programs for developers that
// are no part of csdm.
var writers = []string{"internal/disk", "internal/kernel/generate.go", "internal/kernel/emulate"}

// TestOnlyDiskWrites holds that all changes of files go through internal/disk,
// so that no fault passes by the tests of faults.
func TestOnlyDiskWrites(t *testing.T) {
	files := sources(t)
	for _, file := range files {
		if slices.ContainsFunc(writers, func(w string) bool {
			return file == w || strings.HasPrefix(file, w+"/")
		}) {
			continue
		}
		found, err := changes(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			t.Errorf("%s: use internal/disk or internal/atomicfile", f)
		}
	}
	if len(files) < 200 {
		t.Errorf("only %d files were read", len(files))
	}
}

// changes returns the places in a file that name one of the functions.
func changes(path string) ([]string, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	packages := map[string]string{} // by the name that the file uses
	for _, imp := range file.Imports {
		full, err := strconv.Unquote(imp.Path.Value)
		if err != nil {
			return nil, err
		}
		name := full[strings.LastIndex(full, "/")+1:]
		if imp.Name != nil {
			name = imp.Name.Name
		}
		packages[name] = full
	}
	var found []string
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && slices.Contains(changing[packages[x.Name]],
				s.Sel.Name) {
				found = append(found, set.Position(s.Pos()).String()+" calls "+x.Name+"."+
					s.Sel.Name)
			}
		}
		return true
	})
	return found, nil
}
