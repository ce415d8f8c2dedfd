package main

import (
	"bytes"
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"csdm/internal/cli"
)

// TestOutputIsNoInput gives each verb, for each of its outputs, the path of
// each of its inputs: by the same name, by links, and as an array of a file.
// All calls are refused before any work, and no file is changed.
func TestOutputIsNoInput(t *testing.T) {
	t.Chdir(t.TempDir())
	writeBytes(t, "input.npz", []byte("precious"))
	if err := os.Symlink("input.npz", "link.npz"); err != nil {
		t.Fatal(err)
	}
	if err := os.Link("input.npz", "hard.npz"); err != nil {
		t.Fatal(err)
	}
	verbs, tried := 0, 0
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		for _, child := range cmd.Commands() {
			walk(child)
		}
		outputs := annotated(cmd, outputFlags)
		if cmd.Flags().Lookup("out") != nil && !slices.Contains(outputs, "out") {
			outputs = append(outputs, "out")
		}
		if len(outputs) == 0 {
			return
		}
		verbs++
		path := strings.Fields(cmd.CommandPath())[1:]
		for _, out := range outputs {
			var inputs []string
			cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
				if f.Value.Type() == "string" && !slices.Contains(outputs, f.Name) {
					inputs = append(inputs, f.Name)
				}
			})
			if cmd.Args == nil || cmd.Args(cmd, []string{"input.npz"}) == nil {
				inputs = append(inputs, "")
			}
			for _, input := range inputs {
				for _, names := range [][2]string{{"input.npz", "input.npz"},
					{"./input.npz", "input.npz"}, {"input.npz:y", "input.npz"},
					{"input.npz", "link.npz"}, {"link.npz", "hard.npz"}} {
					args := slices.Clone(path)
					for _, name := range annotated(cmd, requiredFlags) {
						if name != input && name != out {
							args = append(args, "--"+name, "1")
						}
					}
					if input == "" {
						args = append(args, names[0])
					} else {
						args = append(args, "--"+input, names[0])
						if cmd.Args != nil && cmd.Args(cmd, nil) != nil {
							args = append(args, "elsewhere")
						}
					}
					args = append(args, "--"+out, names[1], "--overwrite")
					if input == "" && cmd.Args == nil && cmd.HasSubCommands() {
						continue
					}
					var notes bytes.Buffer
					err := execute(context.Background(), args, &notes, newConsole(&notes),
						func(string) string {
							return ""
						})
					if cli.Code(err) != cli.ExitUsage ||
						!strings.Contains(err.Error(), "which is an input") {
						t.Errorf("csdm %s: %v", strings.Join(args, " "), err)
					}
					tried++
				}
			}
		}
	}
	var out bytes.Buffer
	walk(newRoot(&out, newConsole(&out), func(string) string { return "" }))
	if verbs < 15 || tried < 200 {
		t.Errorf("%d verbs, %d calls", verbs, tried)
	}
	if string(readBytes(t, "input.npz")) != "precious" {
		t.Error("the input was changed")
	}
}

// TestOutputInInputFolder checks that a file of a dataset that is read cannot
// be an output, and that a folder with the name of a problem is not an input.
func TestOutputInInputFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	must(t, "data --problem quasistatic --grid 8 --n 4 -o quasistatic")
	must(t, "data --problem quasistatic --grid 8 --n 4 -o quasistatic")
	for _, args := range []string{
		"data export quasistatic -o quasistatic/x-00000.npy --overwrite",
		"train --problem quasistatic --data quasistatic -o quasistatic",
		"train --problem quasistatic --data quasistatic -o ./quasistatic/../quasistatic",
		"net eval --weights w --case c -o one.npz --grads-out ./one.npz",
	} {
		if _, _, err := csdm(t, strings.Fields(args)...); cli.Code(err) != cli.ExitUsage {
			t.Errorf("csdm %s: %v", args, err)
		}
	}
	must(t, "data export quasistatic -o quasistatic.npz")
	must(t, "data verify quasistatic")
}
