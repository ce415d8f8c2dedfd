package repository

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestFiles lists a small tree with one file for each rule.
func TestFiles(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		".gitignore": "# built\n/csdm\n/bin/\n*.test\ntestdata/rapid/\n\n",
		"README.md":  "", "a/bin/page.md": "", "a/csdm/doc.go": "", "csdm": "", "bin/README.md": "",
		"a/run.test": "", "a/.hidden/x.md": "", "testdata/rapid/x": "", "testdata/y": "",
		"a/testdata/rapid/z": "",
	} {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{".gitignore", "README.md", "a/bin/page.md", "a/csdm/doc.go",
		"a/testdata/rapid/z", "testdata/y"}
	if got, err := Files(root); err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
	if err := os.Remove(filepath.Join(root, ".gitignore")); err != nil {
		t.Fatal(err)
	}
	if got, err := Files(root); err != nil || len(got) != 9 {
		t.Errorf("without .gitignore %q, %v", got, err)
	}
}
