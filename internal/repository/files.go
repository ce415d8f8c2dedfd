// Package repository lists the files of the repository, for the tests and
// checks that read the sources and the pages. What git ignores, such as an
// unpacked release in bin, is not among them.
package repository

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Files returns the files below root, in lexical order, relative to root and
// with slashes. It leaves out hidden folders and what the .gitignore of root
// names. That file may hold comments and the patterns /name, /name/, name/path/
// and *.suffix; a file that is absent ignores nothing.
func Files(root string) ([]string, error) {
	text, err := os.ReadFile(filepath.Join(root, ".gitignore"))
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	patterns := strings.Split(string(text), "\n")
	var files []string
	err = filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil || file == root {
			return err
		}
		name, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		switch out := ignored(patterns, name, d.IsDir()); {
		case d.IsDir() && (out || strings.HasPrefix(d.Name(), ".")):
			return fs.SkipDir
		case !d.IsDir() && !out:
			files = append(files, name)
		}
		return nil
	})
	return files, err
}

// ignored reports whether one of the patterns matches a file or folder, as git
// matches it: a pattern with a slash before its end begins at the root, another
// holds in every folder, and one with a slash at its end is of folders only.
func ignored(patterns []string, name string, folder bool) bool {
	for _, p := range patterns {
		p = strings.TrimSpace(p)
		if p == "" || p[0] == '#' || strings.HasSuffix(p, "/") && !folder {
			continue
		}
		p = strings.TrimSuffix(p, "/")
		of := name
		if !strings.Contains(p, "/") {
			of = path.Base(name)
		}
		if match, _ := path.Match(strings.TrimPrefix(p, "/"), of); match {
			return true
		}
	}
	return false
}
