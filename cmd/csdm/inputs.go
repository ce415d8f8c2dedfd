package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"csdm/internal/cli"
)

// named is a path on the command line with the name of its flag or argument.
type named struct{ flag, path string }

// folderFlags lists the input flags that take folders. The value of another
// flag, such as the name of a problem, is not a folder even if a folder of that
// name exists.
var folderFlags = []string{"data"}

// checkInputs returns an error if an output is an input: the same file, by any
// name or link, or a file in a folder that is read. Two outputs with one name
// are also an error. Verbs need not list their inputs: each argument that names
// a file counts as an input.
func checkInputs(cmd *cobra.Command, args []string) error {
	var outputs, inputs []named
	cmd.Flags().Visit(func(f *pflag.Flag) {
		switch {
		case f.Name == "out", slices.Contains(annotated(cmd, outputFlags), f.Name):
			outputs = append(outputs, named{"--" + f.Name, f.Value.String()})
		case f.Value.Type() == "string":
			inputs = append(inputs, named{"--" + f.Name, f.Value.String()})
		default:
			list, ok := f.Value.(pflag.SliceValue)
			if !ok {
				return
			}
			for _, v := range list.GetSlice() { // files, or settings as name=file
				inputs = append(inputs, named{"--" + f.Name, v[strings.LastIndex(v, "=")+1:]})
			}
		}
	})
	for _, arg := range args {
		info, err := os.Stat(arg)
		_, within := cmd.Annotations[finishesInputs]
		if !within || err != nil || !info.IsDir() { // the verb may finish a folder that it reads
			inputs = append(inputs, named{"", arg})
		}
	}
	for k, out := range outputs {
		for _, other := range outputs[:k] {
			if absolute(out.path) == absolute(other.path) {
				return cli.Usage(fmt.Errorf("%s and %s both name %s; give two files", other.flag,
					out.flag, out.path))
			}
		}
		there, err := os.Stat(out.path)
		if err != nil {
			continue // there is no file that could be lost
		}
		for _, in := range inputs {
			if what := in.overlaps(out.path, there); what != "" {
				return cli.Usage(fmt.Errorf("%s %s is %s, which is an input; give another output",
					out.flag, out.path, what))
			}
		}
	}
	return nil
}

// overlaps describes the relation of an output to the input; "" for none.
func (in named) overlaps(out string, there os.FileInfo) string {
	path := in.path
	if i := strings.LastIndex(path, ".npz:"); i >= 0 { // an array of the file
		path = path[:i+len(".npz")]
	}
	info, err := os.Stat(path)
	if err != nil || info.IsDir() && in.flag != "" &&
		!slices.Contains(folderFlags, strings.TrimPrefix(in.flag, "--")) {
		return ""
	}
	called := strings.TrimSpace(in.flag + " " + in.path)
	if os.SameFile(info, there) {
		return "the same as " + called
	}
	if !info.IsDir() || there.IsDir() {
		return ""
	}
	real, err := filepath.EvalSymlinks(absolute(out))
	if err != nil {
		return ""
	}
	for dir := filepath.Dir(real); ; dir = filepath.Dir(dir) {
		if above, err := os.Stat(dir); err == nil && os.SameFile(above, info) {
			return "a file in " + called
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
}

func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}
